import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../base/index.ts';
import { BufferSource } from '../io/index.ts';
import {
  decodeCodeView,
  type ExceptionDirectory,
  type ExportTable,
  FileImage,
  type ImageHeaders,
  ImageProblem,
  type ImageReader,
  isExecutableRva,
  readDebugDirectory,
  readExceptionDirectory,
  readExports,
  readImageHeaders,
  readVersionInfo,
} from './index.ts';

const size = 0x8000;

/** Bytes of a mapped image; pages named as absent cannot be read. */
class TestImage implements ImageReader {
  readonly layout = 'mapped';
  readonly bytes: Uint8Array;
  readonly #absent: ReadonlySet<number>;
  readonly pagesRead = new Set<number>();

  constructor(bytes: Uint8Array, absentPages: readonly number[] = []) {
    this.bytes = bytes;
    this.#absent = new Set(absentPages);
  }

  tryReadRva(rva: number, length: number): Uint8Array | Fault {
    let end = rva;
    while (end < rva + length && end < this.bytes.length && !this.#absent.has(end >> 12)) {
      this.pagesRead.add(end >> 12);
      end = Math.min(rva + length, ((end >> 12) + 1) << 12);
    }
    const got = this.bytes.subarray(rva, Math.min(end, this.bytes.length));
    return got.length === length ? got : new Fault('not-in-dump', BigInt(rva + got.length), { got });
  }
}

interface Parts {
  readonly machine?: number;
  readonly directories?: Readonly<Record<number, readonly [rva: number, size: number]>>;
  readonly data?: Readonly<Record<number, readonly number[]>>;
}

/** A PE32+ image with .text at 0x1000 and .rdata from 0x2000 on. */
function build({ machine = 0x8664, directories = {}, data = {} }: Parts): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  const u16 = (at: number, value: number) => view.setUint16(at, value, true);
  const u32 = (at: number, value: number) => view.setUint32(at, value, true);
  u16(0, 0x5a4d);
  u32(0x3c, 0x80);
  u32(0x80, 0x4550);
  u16(0x84, machine);
  u16(0x86, 2);
  u32(0x88, 0x5f5e_1000);
  u16(0x94, 0xf0);
  u16(0x98, 0x20b);
  u32(0xa8, 0x1040);
  view.setBigUint64(0xb0, 0x1_4000_0000n, true);
  u32(0xd0, size);
  u32(0xd4, 0x400);
  u32(0xd8, 0xabcd);
  u32(0x104, 16);
  for (const [index, [rva, length]] of Object.entries(directories)) {
    u32(0x108 + Number(index) * 8, rva);
    u32(0x10c + Number(index) * 8, length);
  }
  bytes.set(ascii('.text'), 0x188);
  bytes.set(ascii('.rdata12'), 0x1b0);
  [
    [0x188, 0x1000, 0x1000, 0x6000_0020],
    [0x1b0, 0x6000, 0x2000, 0x4000_0040],
  ].forEach(([at, length, rva, flags]) => {
    u32(at! + 8, length!);
    u32(at! + 12, rva!);
    u32(at! + 16, length!);
    u32(at! + 20, rva!);
    u32(at! + 36, flags!);
  });
  for (const [rva, values] of Object.entries(data)) bytes.set(values, Number(rva));
  return bytes;
}

const words = (...values: number[]): number[] =>
  values.flatMap((value) => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255));
const halves = (...values: number[]): number[] => values.flatMap((value) => [value & 255, value >> 8]);
const ascii = (value: string): number[] => [...Buffer.from(value, 'latin1')];
const text = (value: string): number[] => [...ascii(value), 0];
const problemOf = (bytes: Uint8Array): string =>
  (readImageHeaders(new TestImage(bytes)) as ImageProblem).kind;

describe('headers', () => {
  it('PE-1 reads what the loader reads', () => {
    const headers = readImageHeaders(
      new TestImage(build({ directories: { 3: [0x2000, 24] } })),
    ) as ImageHeaders;
    expect(headers).toMatchObject({
      machine: 0x8664,
      pointerSize: 8,
      timeDateStamp: 0x5f5e_1000,
      imageBase: 0x1_4000_0000n,
    });
    expect(headers).toMatchObject({
      entryPoint: 0x1040,
      sizeOfImage: size,
      sizeOfHeaders: 0x400,
      checkSum: 0xabcd,
      missingSections: 0,
    });
    expect(headers.directories[3]).toEqual({ rva: 0x2000, size: 24 });
    expect(headers.sections.map(({ name, rva, executable }) => [name, rva, executable])).toEqual([
      ['.text', 0x1000, true],
      ['.rdata12', 0x2000, false],
    ]);
    expect([0x1000, 0x1fff, 0x2000, 0x100].map((rva) => isExecutableRva(headers, rva))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it.each([
    ['MZ', 0, 0x4e],
    ['the offset of the PE header', 0x3e, 0xff],
    ['the PE signature', 0x80, 0],
    ['the kind of optional header', 0x98, 7],
    ['more sections than the loader takes', 0x86, 97],
  ])('PE-1 refuses a wrong %s', (_, at, value) => {
    const bytes = build({});
    bytes[at] = value;
    expect(problemOf(bytes)).toBe('not-an-image');
  });

  it('PE-2 calls a missing header absent, and a section of unknown kind unknown', () => {
    expect((readImageHeaders(new TestImage(build({}), [0])) as ImageProblem).kind).toBe('absent');
    // The second section header lies behind the bytes that there are.
    const cut = new TestImage(build({}).slice(0, 0x1c0));
    const headers = readImageHeaders(cut) as ImageHeaders;
    expect(headers).toMatchObject({ missingSections: 1, sections: [{ name: '.text' }] });
    expect([0x1000, 0x2000].map((rva) => isExecutableRva(headers, rva))).toEqual([true, undefined]);
  });

  it('PE-3 reads a file at its file offsets, and zeros behind what the linker stored', () => {
    const file = build({});
    const view = new DataView(file.buffer);
    view.setUint32(0x1b0 + 16, 0x10, true);
    view.setUint32(0x1b0 + 20, 0x1800, true);
    file.fill(0x5a, 0x1800, 0x1900);
    const image = new FileImage(new BufferSource(file));
    expect([...(image.tryReadRva(0x200c, 6) as Uint8Array)]).toEqual([0x5a, 0x5a, 0x5a, 0x5a, 0, 0]);
    expect((image.tryReadRva(0x1ffe, 4) as Uint8Array).length).toBe(4);
    expect(image.tryReadRva(0x400, 4)).toMatchObject({ kind: 'not-present', at: 0x400n });
    expect(image.tryReadRva(size, 1)).toMatchObject({ kind: 'not-present' });
    const short = new FileImage(new BufferSource(file.slice(0, 0x1808)));
    expect((short.tryReadRva(0x2000, 16) as Fault).got.length).toBe(8);
  });
});

describe('debug directory', () => {
  const guid = [
    0x77, 0x86, 0x0f, 0x8f, 0x1b, 0xb8, 0x92, 0x4e, 0xb7, 0x7d, 0x2b, 0x4e, 0xa7, 0x6c, 0x8e, 0xf5,
  ];
  const record = [...ascii('RSDS'), ...guid, ...words(3), ...text('d:\\b\\ntkrnlmp.pdb')];
  const entry = (type: number, length: number, rva: number) => [
    ...words(0, 0, 0, type),
    ...words(length, rva, rva),
  ];

  it('PE-4 gives the key of the PDB in the form of a symbol store', () => {
    const data = { 0x2000: [...entry(16, 4, 0), ...entry(2, record.length, 0x2100)], 0x2100: record };
    expect(
      readDebugDirectory(new TestImage(build({ directories: { 6: [0x2000, 56] }, data }))),
    ).toMatchObject({
      codeView: { format: 'RSDS', guid: '8F0F8677B81B4E92B77D2B4EA76C8EF5', age: 3, pdbName: 'ntkrnlmp.pdb' },
      timestampIsHash: true,
      partial: false,
    });
  });

  it('PE-4 says that a record which is not in the dump is missing', () => {
    const data = { 0x2000: entry(2, record.length, 0x3100) };
    const image = new TestImage(build({ directories: { 6: [0x2000, 28] }, data }), [3]);
    expect(readDebugDirectory(image)).toMatchObject({
      codeView: undefined,
      partial: true,
      timestampIsHash: false,
    });
    expect(readDebugDirectory(new TestImage(build({})))).toMatchObject({ kind: 'no-directory' });
  });

  it('PE-4 reads NB10 records and refuses others', () => {
    const old = [...ascii('NB10'), ...words(0, 0x3b7d84d4, 2), ...text('nt.pdb')];
    expect(decodeCodeView(Uint8Array.from(old))).toMatchObject({
      format: 'NB10',
      guid: '3B7D84D4',
      age: 2,
      pdbName: 'nt.pdb',
    });
    expect(decodeCodeView(Uint8Array.from(record.slice(0, 20)))).toBeUndefined();
  });
});

describe('exports', () => {
  const names = ['Alpha', 'Beta', 'Forwarded', 'Gamma'];
  const data = {
    0x2000: words(0, 0, 0, 0x2400, 7, 5, 4, 0x2080, 0x20c0, 0x20e0),
    // Gamma, Alpha, forwarded, nameless, Beta: by ordinal.
    0x2080: words(0x1800, 0x1100, 0x2200, 0x1900, 0x1100),
    0x20c0: words(...names.map((_, index) => 0x3000 + index * 16)),
    0x20e0: halves(1, 4, 2, 0),
    0x2200: text('NTDLL.RtlFoo'),
    0x2400: text('sample.sys'),
    ...Object.fromEntries(names.map((name, index) => [0x3000 + index * 16, text(name)])),
  };
  const bytes = build({ directories: { 0: [0x2000, 0x300] }, data });

  it('PE-5 finds names and the nearest name, and keeps forwarders apart', () => {
    const table = readExports(new TestImage(bytes)) as ExportTable;
    expect(table.imageName).toBe('sample.sys');
    expect(table.symbols.map(({ name, ordinal, rva }) => [name, ordinal, rva])).toEqual([
      ['Alpha', 8, 0x1100],
      ['Beta', 11, 0x1100],
      ['Gamma', 7, 0x1800],
      [undefined, 10, 0x1900],
      ['Forwarded', 9, 0x2200],
    ]);
    expect(table.findName('Forwarded')).toMatchObject({ forwarder: 'NTDLL.RtlFoo' });
    expect([0x10ff, 0x1100, 0x17ff, 0x1800, 0x7000].map((rva) => table.findNearest(rva)?.name)).toEqual([
      undefined,
      'Alpha',
      'Alpha',
      'Gamma',
      'Gamma',
    ]);
    expect(table.findName('Delta')).toBeUndefined();
    expect(table).toMatchObject({ partial: false, missing: 0 });
  });

  it('PE-5 gives what there is when pages are missing, and says so', () => {
    const table = readExports(new TestImage(bytes, [3])) as ExportTable;
    expect(table.missing).toBe(4);
    expect(table.symbols.map(({ name }) => name)).toEqual(Array(5).fill(undefined));
    expect(readExports(new TestImage(bytes, [2]))).toMatchObject({ kind: 'absent' });
  });

  it('PE-5 bounds hostile counts', () => {
    const hostile = { ...data, 0x2014: words(0xffff_ffff, 0xffff_ffff) };
    const table = readExports(
      new TestImage(build({ directories: { 0: [0x2000, 0x300] }, data: hostile })),
    ) as ExportTable;
    expect(table.symbols.length).toBeLessThanOrEqual(0x2_0000);
    expect(table.partial).toBe(true);
  });
});

describe('exception directory', () => {
  /** `count` functions of 0x10 bytes each at every 0x20th byte, the table over several pages. */
  const table = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      words(0x1000 + index * 0x20, 0x1010 + index * 0x20, 0x7000),
    ).flat();
  const image = (count: number, absent: number[] = []) =>
    new TestImage(
      build({ directories: { 3: [0x2000, count * 12] }, data: { 0x2000: table(count) } }),
      absent,
    );
  const find = (of: ImageReader, rva: number) =>
    (readExceptionDirectory(of) as ExceptionDirectory).findRuntimeFunction(rva);

  it('PE-6 agrees with a linear search', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 900 }), fc.nat(0x9000), (count, rva) => {
        const index = (rva - 0x1000) >> 5;
        const covered = rva >= 0x1000 && index < count && (rva & 0x1f) < 0x10;
        expect(find(image(count), rva)).toEqual(
          covered ? { begin: 0x1000 + index * 32, end: 0x1010 + index * 32, unwindData: 0x7000 } : undefined,
        );
      }),
    );
  });

  it('PE-6 reads only the pages that it needs', () => {
    const wholeTable = image(1000);
    const other = new TestImage(wholeTable.bytes);
    readImageHeaders(other);
    other.pagesRead.clear();
    expect(find(other, 0x1000)).toMatchObject({ begin: 0x1000 });
    expect(other.pagesRead).toEqual(new Set([2, 3]));
  });

  it('PE-6 tells a gap from a leaf, and searches around gaps', () => {
    // Entries of page 3 are missing: numbers 342 to 682.
    const gapped = image(1000, [3]);
    expect(find(gapped, 0x1000 + 500 * 32)).toMatchObject({ kind: 'absent' });
    expect(find(gapped, 0x1000 + 100 * 32)).toMatchObject({ begin: 0x1000 + 100 * 32 });
    expect(find(gapped, 0x1000 + 900 * 32)).toMatchObject({ begin: 0x1000 + 900 * 32 });
    expect(find(gapped, 0x1010 + 100 * 32)).toBeUndefined();
    expect(find(image(1000, [2, 3, 4]), 0x1000)).toMatchObject({ kind: 'absent' });
  });

  it('PE-6 never gives a wrong answer for missing pages', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 2, max: 4 })), fc.nat(0x9000), (absent, rva) => {
        const found = find(image(1000, absent), rva);
        const isAbsent = found instanceof ImageProblem && found.kind === 'absent' && absent.length > 0;
        expect(isAbsent ? undefined : found).toEqual(isAbsent ? undefined : find(image(1000), rva));
      }),
    );
  });

  it('PE-6 follows indirect entries and refuses circles', () => {
    const indirect = (target: number) =>
      new TestImage(
        build({
          directories: { 3: [0x2000, 24] },
          data: { 0x2000: [...words(0x1000, 0x1100, 0x7000), ...words(0x1400, 0x1500, target | 1)] },
        }),
      );
    expect(find(indirect(0x2000), 0x1450)).toEqual({ begin: 0x1000, end: 0x1100, unwindData: 0x7000 });
    expect(find(indirect(0x200c), 0x1450)).toMatchObject({ kind: 'damaged' });
    expect(find(indirect(0x9000), 0x1450)).toMatchObject({ kind: 'absent' });
  });

  it('PE-6 refuses a directory outside of the image', () => {
    expect(
      readExceptionDirectory(new TestImage(build({ directories: { 3: [0x7000, 0x2000] } }))),
    ).toMatchObject({ kind: 'damaged' });
  });
});

describe('hostile images', () => {
  const readAll = (image: ImageReader): void => {
    readDebugDirectory(image);
    readVersionInfo(image);
    const exports = readExports(image);
    if (!(exports instanceof ImageProblem)) exports.findNearest(0x1234);
    const functions = readExceptionDirectory(image);
    if (!(functions instanceof ImageProblem)) functions.findRuntimeFunction(0x1234);
  };

  it('PE-8 every reader ends and never throws, whatever the bytes and wherever they end', () => {
    const good = build({
      directories: { 0: [0x2000, 0x200], 2: [0x2200, 0x200], 3: [0x2400, 0x800], 6: [0x2c00, 0x100] },
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(0x3000), fc.nat(255)), { maxLength: 60 }),
        fc.nat(size),
        fc.array(fc.nat(7)),
        (changes, length, absent) => {
          const bytes = good.slice();
          for (const [at, value] of changes) bytes[at] = value;
          expect(() => readAll(new TestImage(bytes, absent))).not.toThrow();
          expect(() => readAll(new FileImage(new BufferSource(bytes.subarray(0, length))))).not.toThrow();
        },
      ),
      { numRuns: 300 },
    );
  });
});
