import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { BufferSource, type ByteSource, DebuggerError } from '@poolscope/engine';
import { FileSource } from '../io/file-source.ts';

/** Files up to this size are read once, so that one that is replaced meanwhile does no harm. */
const readAtOnce = 64 << 20;

/** The bytes of a file, the same for its hash and for its analysis. */
export interface Snapshot {
  readonly source: ByteSource;
  /** Throws FILE_UNREADABLE where the file was changed since it was opened. */
  check(): void;
  close(): void;
}

/** Errors: those of FileSource. */
export function openSnapshot(path: string): Snapshot {
  const file = new FileSource(path);
  if (file.size <= readAtOnce) {
    try {
      const bytes = new Uint8Array(file.size);
      const source = new BufferSource(bytes.subarray(0, file.readInto(0, bytes)));
      return { source, check: () => undefined, close: () => undefined };
    } finally {
      file.close();
    }
  }
  const before = identityOf(path);
  return {
    source: file,
    check: () => {
      if (identityOf(path) === before) return;
      throw new DebuggerError('FILE_UNREADABLE', `${path} was changed while it was read`);
    },
    close: () => file.close(),
  };
}

const identityOf = (path: string): string => {
  const { size, mtimeNs, ino } = statSync(path, { bigint: true });
  return `${size} ${mtimeNs} ${ino}`;
};

const pieceSize = 1 << 20;

/** SHA-256 of all bytes; tells how many it has read. */
export function hashOf(source: ByteSource, onProgress: (bytes: number) => void = () => undefined): string {
  const hash = createHash('sha256');
  const piece = new Uint8Array(Math.min(pieceSize, source.size));
  for (let at = 0; at < source.size; ) {
    const count = source.readInto(at, piece);
    if (count === 0) break;
    hash.update(piece.subarray(0, count));
    at += count;
    onProgress(at);
  }
  return hash.digest('hex');
}
