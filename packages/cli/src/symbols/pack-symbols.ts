import { resolve } from 'node:path';
import {
  DebuggerError,
  identifySymbolFile,
  openSymbolFile,
  type PackOptions,
  packProfile,
} from '@poolscope/engine';
import { writeWhole } from '../io/write-whole.ts';
import { printable } from '../render.ts';
import { openSymbolBytes } from './symbol-bytes.ts';

export interface PackFlags {
  readonly out: string;
  readonly allNames?: boolean;
  /** The image's file, which tells the time stamp and size by which small dumps know it. */
  readonly image?: string;
}

/** Makes a packed profile of a PDB or ISF file. */
export async function runPack(path: string, flags: PackFlags): Promise<void> {
  if (resolve(path) === resolve(flags.out))
    throw new DebuggerError('FILE_UNREADABLE', `${flags.out} is the file that is packed: name another one`);
  const file = await openSymbolBytes(path);
  try {
    const table = openSymbolFile(file.source, file.name);
    const image = flags.image === undefined ? {} : await imageFacts(flags.image, table.identity.pdb?.guid);
    const bytes = packProfile(table, { allNames: flags.allNames === true, ...image });
    writeWhole(flags.out, bytes);
    const { pdb, machine } = table.identity;
    process.stdout.write(
      printable(
        `${flags.out}: ${bytes.length} bytes for ${pdb?.name} ${pdb?.guid}-${pdb?.age} (${machine})`,
      ) + '\n',
    );
  } finally {
    file.close();
  }
}

async function imageFacts(path: string, guid: string | undefined): Promise<PackOptions> {
  const file = await openSymbolBytes(path);
  try {
    const identity = identifySymbolFile(file.source, path);
    if (identity?.kind !== 'image') throw new DebuggerError('IMAGE_UNUSABLE', `${path} is no image`);
    if (identity.pdb?.guid !== guid)
      throw new DebuggerError('IMAGE_MISMATCH', `${path} belongs to another PDB`);
    const { timestamp, size } = identity;
    return timestamp === undefined || size === undefined ? {} : { timestamp, size };
  } finally {
    file.close();
  }
}
