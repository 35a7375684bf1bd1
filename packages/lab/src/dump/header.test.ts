import { describe, expect, it } from 'vitest';
import { type DumpHeaderFields, dumpHeader, maximumRuns } from './header.ts';

const fields: DumpHeaderFields = {
  wide: true,
  dumpType: 1,
  majorVersion: 15,
  minorVersion: 19041,
  directoryTableBase: 0x1_2345_6000,
  pfnDatabase: 0xffff_f804_7c6f_c500n,
  psLoadedModuleList: 0xffff_f804_7c62_a390n,
  psActiveProcessHead: 0xffff_f804_7c61_e200n,
  machineImageType: 0x8664,
  numberProcessors: 16,
  bugCheckCode: 0x7e,
  bugCheckParameters: [1n, 2n, 3n, 0xffff_ffff_c000_0005n],
  kdDebuggerDataBlock: 0xffff_f804_7c60_0b20n,
  requiredDumpSpace: 0x2_0000_3000,
  systemTime: 0x01d9_5657_1cd4_ec80n,
  systemUpTime: 0x1234_5678_9abcn,
};

const view = (bytes: Uint8Array) => new DataView(bytes.buffer);
const text = (bytes: Uint8Array, at: number, length: number) =>
  String.fromCharCode(...bytes.subarray(at, at + length));

describe('64-bit header', () => {
  const bytes = dumpHeader({
    ...fields,
    context: Uint8Array.of(0xaa),
    exception: Uint8Array.of(0xbb),
    suiteMask: 0x110,
  });
  const header = view(bytes);

  it('has its fields where readers expect them', () => {
    expect(bytes.length).toBe(0x2000);
    expect(text(bytes, 0, 8)).toBe('PAGEDU64');
    expect([header.getUint32(8, true), header.getUint32(0xc, true)]).toEqual([15, 19041]);
    expect(header.getBigUint64(0x10, true)).toBe(0x1_2345_6000n);
    expect(header.getBigUint64(0x18, true)).toBe(fields.pfnDatabase);
    expect(header.getBigUint64(0x20, true)).toBe(fields.psLoadedModuleList);
    expect(header.getBigUint64(0x28, true)).toBe(fields.psActiveProcessHead);
    expect([header.getUint32(0x30, true), header.getUint32(0x34, true)]).toEqual([0x8664, 16]);
    expect(header.getUint32(0x38, true)).toBe(0x7e);
    expect([0x40, 0x48, 0x50, 0x58].map((at) => header.getBigUint64(at, true))).toEqual(
      fields.bugCheckParameters,
    );
    expect(header.getBigUint64(0x80, true)).toBe(fields.kdDebuggerDataBlock);
    expect([bytes[0x348], bytes[0xf00]]).toEqual([0xaa, 0xbb]);
    expect(header.getUint32(0xf98, true)).toBe(1);
    expect(header.getBigUint64(0xfa0, true)).toBe(0x2_0000_3000n);
    expect(header.getBigUint64(0xfa8, true)).toBe(fields.systemTime);
    expect(header.getBigUint64(0x1030, true)).toBe(fields.systemUpTime);
    expect(header.getUint32(0x1044, true)).toBe(0x110);
  });

  it('fills what is not written with PAGE', () => {
    for (const at of [0x3c, 0x60, 0x88, 0x344, 0xf9c, 0xfb0, 0x1038, 0x1050, 0x1058, 0x1ffc])
      expect(text(bytes, at, 4)).toBe('PAGE');
  });

  it('holds up to 42 runs', () => {
    expect(maximumRuns(true)).toBe(42);
    const runs = Array.from({ length: 42 }, (_, index) => ({
      basePage: 0x1_0000_0000 + index * 16,
      pageCount: index + 1,
    }));
    const listed = view(dumpHeader({ ...fields, runs }));
    expect([listed.getUint32(0x88, true), listed.getBigUint64(0x90, true)]).toEqual([42, 903n]);
    expect(listed.getBigUint64(0x98 + 41 * 16, true)).toBe(0x1_0000_0290n);
    expect(listed.getBigUint64(0xa0 + 41 * 16, true)).toBe(42n);
    expect(() => dumpHeader({ ...fields, runs: [...runs, { basePage: 0, pageCount: 1 }] })).toThrow(
      '42 runs',
    );
  });
});

describe('32-bit header', () => {
  const narrow: DumpHeaderFields = {
    ...fields,
    wide: false,
    machineImageType: 0x14c,
    directoryTableBase: 0x7ffb_0060,
    psLoadedModuleList: 0xffff_ffff_8055_2c40n,
    kdDebuggerDataBlock: 0xffff_ffff_8054_4ce0n,
    bugCheckParameters: [0xffff_ffff_c000_0005n, 2n, 3n, 4n],
    paeEnabled: true,
    runs: [
      { basePage: 1, pageCount: 0x9d },
      { basePage: 0x100, pageCount: 0xf00 },
    ],
  };
  const bytes = dumpHeader(narrow);
  const header = view(bytes);

  it('has its fields where readers expect them', () => {
    expect(bytes.length).toBe(0x1000);
    expect(text(bytes, 0, 8)).toBe('PAGEDUMP');
    expect([0x10, 0x18, 0x20, 0x24, 0x28].map((at) => header.getUint32(at, true))).toEqual([
      0x7ffb_0060, 0x8055_2c40, 0x14c, 16, 0x7e,
    ]);
    expect([0x2c, 0x30, 0x34, 0x38].map((at) => header.getUint32(at, true))).toEqual([0xc000_0005, 2, 3, 4]);
    expect(bytes[0x5c]).toBe(1);
    expect(header.getUint32(0x60, true)).toBe(0x8054_4ce0);
    expect([0x64, 0x68, 0x6c, 0x70, 0x74, 0x78].map((at) => header.getUint32(at, true))).toEqual([
      2, 0xf9d, 1, 0x9d, 0x100, 0xf00,
    ]);
    expect(header.getUint32(0xf88, true)).toBe(1);
    expect(header.getBigUint64(0xfa0, true)).toBe(0x2_0000_3000n);
    expect(header.getBigUint64(0xfb8, true)).toBe(fields.systemUpTime);
    expect(header.getBigUint64(0xfc0, true)).toBe(fields.systemTime);
  });

  it('holds up to 86 runs', () => {
    expect(maximumRuns(false)).toBe(86);
  });
});
