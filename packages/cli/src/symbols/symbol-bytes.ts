import { basename } from 'node:path';
import { type ByteSource, DebuggerError, isCabinet, unpackCabinet } from '@poolscope/engine';
import { FileSource } from '../io/file-source.ts';

/** A file that was opened: unpacked where it was a cabinet. */
export interface OpenedFile {
  readonly path: string;
  /** Of the file, or of the one in the cabinet. */
  readonly name: string;
  readonly source: ByteSource;
  close(): void;
}

const nothing = () => {};

/** Opens a file as it is, or what is in it when it is a cabinet. Throws a DebuggerError. */
export async function openSymbolBytes(path: string): Promise<OpenedFile> {
  const file = new FileSource(path);
  try {
    const head = new Uint8Array(8);
    file.readInto(0, head);
    if (!isCabinet(head)) return { path, name: basename(path), source: file, close: () => file.close() };
    const { name, source } = await unpackCabinet(file);
    file.close();
    return { path, name, source, close: nothing };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Why a file cannot be used, from an error that says it. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof DebuggerError)) throw error;
  return error.message;
}
