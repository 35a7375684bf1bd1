import { guidDigits, latin1z, readU32 } from '../base/index.ts';
import { PDBStream70, StructView } from '../layouts/index.ts';
import type { MsfFile } from './msf-file.ts';
import { pdbError } from './pdb-error.ts';

const vc70 = 20000404;
const maxNames = 0x10000;
/** Letters of a stream's name: these are paths of sources at most. */
const maxName = 520;

/** What stream 1 says: the identity of the file, and the numbers of streams that have names. */
export interface PdbInfo {
  /** 32 upper-case digits, as symbol stores write it. */
  readonly guid: string;
  /** Counts rewrites of the file; the image's age is compared with that of stream 3. */
  readonly age: number;
  readonly signature: number;
  /** `/names`, `/LinkInfo`, ... -> stream number. */
  readonly namedStreams: ReadonlyMap<string, number>;
  /** Linked with /DEBUG:FASTLINK: symbols are in the object files, not here. */
  readonly minimalDebugInfo: boolean;
}

const minimalDebugInfo = 0x494e494d;

export function readPdbInfo(msf: MsfFile): PdbInfo {
  const bytes = msf.stream(1)?.bytes();
  if (bytes === undefined || bytes.length < PDBStream70.size)
    throw pdbError('the program database has no stream that identifies it');
  const view = new StructView(PDBStream70, bytes);
  if (view.get('impv') < vc70)
    throw pdbError(`the program database is of version ${view.get('impv')}, which is not read`);
  const { names, end } = readNamedStreams(bytes, PDBStream70.size);
  return {
    guid: guidDigits(view.get('sig70')),
    age: view.get('age'),
    signature: view.get('sig'),
    namedStreams: names,
    minimalDebugInfo: featureCodes(bytes, end).includes(minimalDebugInfo),
  };
}

/** A hash table of (offset of the name, stream number), behind the names; damage ends it. */
function readNamedStreams(bytes: Uint8Array, start: number): { names: Map<string, number>; end: number } {
  const names = new Map<string, number>();
  const textSize = wordAt(bytes, start);
  const table = start + 4 + textSize;
  if (table + 8 > bytes.length) return { names, end: bytes.length };
  const texts = bytes.subarray(start + 4, table);
  const count = Math.min(readU32(bytes, table), maxNames);
  const presentWords = wordAt(bytes, table + 8);
  const deletedAt = table + 12 + presentWords * 4;
  const entries = deletedAt + 4 + wordAt(bytes, deletedAt) * 4;
  for (let index = 0; index < count; index++) {
    const at = entries + index * 8;
    if (at + 8 > bytes.length) return { names, end: bytes.length };
    const text = readU32(bytes, at);
    names.set(latin1z(texts.subarray(text, text + maxName)), readU32(bytes, at + 4));
  }
  // One unused word stands between the table and the feature codes.
  return { names, end: entries + count * 8 + 4 };
}

function featureCodes(bytes: Uint8Array, start: number): number[] {
  const codes: number[] = [];
  for (let at = start; at + 4 <= bytes.length; at += 4) codes.push(readU32(bytes, at));
  return codes;
}

const wordAt = (bytes: Uint8Array, at: number): number => (at + 4 <= bytes.length ? readU32(bytes, at) : 0);
