import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DumpHeader } from '../dump/index.ts';
import { solveEncoding } from './debugger-data-encoding.ts';

const mask = 0xffff_ffff_ffff_ffffn;
const u64 = fc.bigInt({ min: 0n, max: mask });

const swap = (value: bigint): bigint => {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setBigUint64(0, value);
  return bytes.getBigUint64(0, true);
};
const rotateRight = (value: bigint, by: bigint): bigint =>
  by === 0n ? value : ((value >> by) | (value << (64n - by))) & mask;

/** What the kernel does: the inverse of decoding. */
function encode(plain: Uint8Array, never: bigint, always: bigint, address: bigint): Uint8Array {
  const result = plain.slice();
  const view = new DataView(result.buffer);
  for (let at = 0; at < result.length; at += 8) {
    const word = swap(view.getBigUint64(at, true) ^ always) ^ address;
    view.setBigUint64(at, rotateRight(word, never & 63n) ^ never, true);
  }
  return result;
}

function plainBlock(
  header: Pick<DumpHeader, 'psLoadedModuleList' | 'psActiveProcessHead' | 'pfnDatabase'>,
): Uint8Array {
  const bytes = Uint8Array.from({ length: 0x380 }, (_, index) => (index * 31) & 0xff);
  const view = new DataView(bytes.buffer);
  view.setUint32(0x10, 0x4742444b, true);
  view.setUint32(0x14, 0x380, true);
  view.setBigUint64(0x48, header.psLoadedModuleList!, true);
  view.setBigUint64(0x50, header.psActiveProcessHead!, true);
  view.setBigUint64(0xc0, header.pfnDatabase!, true);
  view.setBigUint64(0x138, 0x1000n, true);
  return bytes;
}

const header = {
  psLoadedModuleList: 0xfffff8047c62a290n,
  psActiveProcessHead: 0xfffff8047c61b460n,
  pfnDatabase: 0xfffff8047c6fc508n,
} as DumpHeader;

describe('KDDEBUGGER_DATA64 encoding', () => {
  it('is solved from the pointers of the dump header alone', () => {
    fc.assert(
      fc.property(u64, u64, u64, (never, always, address) => {
        const plain = plainBlock(header);
        expect(solveEncoding(encode(plain, never, always, address), header)).toEqual(plain);
      }),
      { numRuns: 50 },
    );
  });

  it('is solved whatever the header says of the PFN database', () => {
    const plain = plainBlock(header);
    const other = { ...header, pfnDatabase: 0xffffe38000000000n };
    expect(solveEncoding(encode(plain, 0x1234567n, 0x89abcdefn, 0xfffff8047c6fc000n), other)).toEqual(plain);
  });

  it('K-5 is not claimed to be solved for other bytes or without a known pointer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0x380, maxLength: 0x380 }), (bytes) => {
        expect(solveEncoding(bytes, header)).toBeUndefined();
      }),
    );
    const plain = plainBlock(header);
    const encoded = encode(plain, 1n, 2n, 3n);
    expect(solveEncoding(encoded, { psLoadedModuleList: header.psLoadedModuleList } as DumpHeader)).toEqual(
      plain,
    );
    expect(solveEncoding(encoded, {} as DumpHeader)).toBeUndefined();
  });
});
