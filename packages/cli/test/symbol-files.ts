import type { SymbolRequest } from '@poolscope/engine';
import { writePdb } from '../../engine/test/pdb-writer/index.ts';

export const guid = '5A3D17C06B1E4F0A9C2D0000000000A1';
export const otherGuid = '5A3D17C06B1E4F0A9C2D0000000000A2';

/** The 16 bytes of a GUID in the form of store keys. */
export function guidBytes(digits: string): Uint8Array {
  const bytes = Buffer.from(digits, 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

/** A small PDB with one public symbol. */
export const pdbOf = (digits: string, { age = 1, machine = 0x8664 } = {}): Uint8Array =>
  writePdb({
    guid: guidBytes(digits),
    age,
    machine,
    types: new Uint8Array(0),
    sections: [{ rva: 0x1000, size: 0x1000 }],
    publics: [{ name: 'DriverEntry', section: 1, offset: 0x20 }],
  });

/** What a dump says of a driver on the stack. */
export const request = (more: Partial<SymbolRequest> = {}): SymbolRequest => ({
  module: 'sample',
  base: 0xffff_f801_0000_0000n,
  image: 'sample.sys',
  machine: 'x64',
  timestamp: 0x6359_a000,
  size: 0x6000,
  pdb: { name: 'sample.pdb', guid, age: 1 },
  need: 'stack',
  ...more,
});

/** A cabinet with one file that is stored as it is. Source: [MS-CAB] 2.2. */
export function cabinetOf(name: string, content: Uint8Array): Uint8Array {
  const blockSize = 0x8000;
  const count = Math.ceil(content.length / blockSize);
  const nameBytes = Buffer.from(`${name}\0`);
  const dataAt = 36 + 8 + 16 + nameBytes.length;
  const bytes = Buffer.alloc(dataAt + count * 8 + content.length);
  bytes.write('MSCF');
  bytes.writeUInt32LE(bytes.length, 8);
  bytes.writeUInt32LE(44, 16);
  bytes.writeUInt16LE(0x0103, 24);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(1, 28);
  bytes.writeUInt32LE(dataAt, 36);
  bytes.writeUInt16LE(count, 40);
  bytes.writeUInt32LE(content.length, 44);
  bytes.writeUInt16LE(0x20, 58);
  nameBytes.copy(bytes, 60);
  for (let index = 0, at = dataAt; index < count; index++) {
    const block = content.subarray(index * blockSize, (index + 1) * blockSize);
    bytes.writeUInt16LE(block.length, at + 4);
    bytes.writeUInt16LE(block.length, at + 6);
    bytes.set(block, at + 8);
    at += 8 + block.length;
  }
  return bytes;
}
