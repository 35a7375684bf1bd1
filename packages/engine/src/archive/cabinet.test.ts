import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedPath } from '../../../../test/shared-files.ts';
import { DebuggerError } from '../base/index.ts';
import { BufferSource } from '../io/index.ts';
import { isCabinet, unpackCabinet } from './cabinet.ts';

const blockSize = 0x8000;
const methods = { stored: 0, mszip: 1 } as const;

/** A cabinet of one file. MSZIP blocks are DEFLATE behind `CK`, each with the data before it as its dictionary. */
function cabinetOf(data: Uint8Array, method: keyof typeof methods, name = 'a.pdb'): Uint8Array {
  const blocks: Buffer[] = [];
  for (let at = 0; at < data.length; at += blockSize) blocks.push(packBlock(data, at, method));
  const nameBytes = Buffer.from(`${name}\0`, 'latin1');
  const filesAt = 0x24 + 8;
  const dataAt = filesAt + 16 + nameBytes.length;
  const file = Buffer.alloc(dataAt);
  file.write('MSCF', 0, 'latin1');
  file.writeUInt32LE(dataAt + blocks.reduce((sum, block) => sum + block.length, 0), 8);
  file.writeUInt32LE(filesAt, 0x10);
  file.writeUInt16LE(0x0103, 0x18);
  file.writeUInt16LE(1, 0x1a);
  file.writeUInt16LE(1, 0x1c);
  file.writeUInt32LE(dataAt, 0x24);
  file.writeUInt16LE(blocks.length, 0x28);
  file.writeUInt16LE(methods[method], 0x2a);
  file.writeUInt32LE(data.length, filesAt);
  file.writeUInt16LE(0x20, filesAt + 14);
  nameBytes.copy(file, filesAt + 16);
  return Buffer.concat([file, ...blocks]);
}

function packBlock(data: Uint8Array, at: number, method: keyof typeof methods): Buffer {
  const plain = data.subarray(at, at + blockSize);
  const dictionary = at === 0 ? {} : { dictionary: data.subarray(at - blockSize, at) };
  const packed =
    method === 'stored'
      ? Buffer.from(plain)
      : Buffer.concat([Buffer.from('CK'), deflateRawSync(plain, dictionary)]);
  const header = Buffer.alloc(8);
  header.writeUInt16LE(packed.length, 4);
  header.writeUInt16LE(plain.length, 6);
  return Buffer.concat([header, packed]);
}

const sample = Uint8Array.from({ length: 100_000 }, (_, index) => (index * index) >>> 5);

async function unpack(bytes: Uint8Array, limit?: number) {
  const { name, source } = await unpackCabinet(new BufferSource(bytes), limit === undefined ? {} : { limit });
  const target = new Uint8Array(source.size);
  source.readInto(0, target);
  return { name, bytes: target };
}

describe('unpackCabinet', () => {
  it.each(['stored', 'mszip'] as const)('unpacks %s data of several blocks', async (method) => {
    const packed = cabinetOf(sample, method);
    expect(isCabinet(packed)).toBe(true);
    const { name, bytes } = await unpack(packed);
    expect(name).toBe('a.pdb');
    expect(Buffer.compare(bytes, sample)).toBe(0);
  });

  it('refuses what is no cabinet, cut, too large, or of several files', async () => {
    const packed = cabinetOf(sample, 'mszip');
    await expect(unpack(sample)).rejects.toMatchObject({ code: 'ARCHIVE_DAMAGED' });
    await expect(unpack(packed.subarray(0, 1000))).rejects.toMatchObject({ code: 'ARCHIVE_DAMAGED' });
    await expect(unpack(packed, 99_999)).rejects.toMatchObject({ code: 'ARCHIVE_TOO_LARGE' });
    const several = Buffer.from(packed);
    several.writeUInt16LE(2, 0x1c);
    await expect(unpack(several)).rejects.toMatchObject({ code: 'ARCHIVE_UNSUPPORTED' });
    const larger = Buffer.from(packed);
    larger.writeUInt32LE(sample.length + 1, 0x2c);
    await expect(unpack(larger)).rejects.toMatchObject({ code: 'ARCHIVE_DAMAGED' });
  });

  it('says that damaged data are damaged, or unpacks them', async () => {
    const packed = cabinetOf(sample.subarray(0, 3000), 'mszip');
    const change = fc.tuple(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(change, async ([at, by]) => {
        const damaged = Uint8Array.from(packed);
        damaged[at]! ^= by;
        const result = await unpack(damaged, 1 << 20).catch((error: unknown) => error);
        if (result instanceof Error) expect(result).toBeInstanceOf(DebuggerError);
        else expect(result).toHaveProperty('bytes');
      }),
      { numRuns: 40 },
    );
  });

  it.skipIf(!hasShared)('unpacks a program database that Microsoft packed with LZX', async () => {
    const packed = readFileSync(sharedPath('pdbs/misc/basic32.pd_'));
    const { name, bytes } = await unpack(packed);
    expect(name).toBe('basic32.pdb');
    expect(bytes.length).toBe(6_590_464);
    expect(Buffer.from(bytes.subarray(0, 24)).toString('latin1')).toBe('Microsoft C/C++ MSF 7.00');
  });
});
