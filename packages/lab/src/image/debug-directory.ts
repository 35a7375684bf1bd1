import { guidBytes } from '../bytes/guid.ts';
import { asciiBytes, concatBytes, fourCc, u32Bytes, writeU32 } from '../bytes/integers.ts';
import type { PdbReference } from './image-spec.ts';

const codeView = 2;

/** What a debugger looks for: RSDS, GUID, age, name of the PDB. */
export const rsdsRecord = ({ name, guid, age }: PdbReference): Uint8Array =>
  concatBytes([u32Bytes(fourCc('RSDS')), guidBytes(guid), u32Bytes(age), asciiBytes(name, true)]);

/** IMAGE_DEBUG_DIRECTORY with one entry. */
export function debugDirectory(
  timeDateStamp: number,
  record: { rva: number; size: number; fileOffset: number },
): Uint8Array {
  const bytes = new Uint8Array(28);
  writeU32(bytes, 4, timeDateStamp);
  writeU32(bytes, 12, codeView);
  writeU32(bytes, 16, record.size);
  writeU32(bytes, 20, record.rva);
  writeU32(bytes, 24, record.fileOffset);
  return bytes;
}
