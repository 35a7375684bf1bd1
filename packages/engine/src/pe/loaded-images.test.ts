import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../base/index.ts';
import { BufferSource } from '../io/index.ts';
import {
  type BaseRelocations,
  type CompareOptions,
  compareImages,
  FileImage,
  type ImageComparison,
  type ImageHeaders,
  type ImageReader,
  RelocatedImage,
  RelocationKind,
  readBaseRelocations,
  readDynamicRelocations,
  readImageHeaders,
  readLoadConfiguration,
} from './index.ts';

const imageBase = 0x1_4000_0000n;
const size = 0x7000;

/** Sections: name, RVA, flags. Each has a page in memory and in the file, at the same offset. */
const sections = [
  ['.text', 0x1000, 0x6000_0020],
  ['.rdata', 0x2000, 0x4000_0040],
  ['.data', 0x3000, 0xc000_0040],
  ['PAGEdrv', 0x4000, 0x6000_0020],
  ['INIT', 0x5000, 0x6200_0020],
  ['.reloc', 0x6000, 0x4200_0040],
] as const;

const words = (...values: number[]): number[] =>
  values.flatMap((value) => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255));
const halves = (...values: number[]): number[] => values.flatMap((value) => [value & 255, value >> 8]);
const quad = (value: bigint): number[] => words(Number(value & 0xffff_ffffn), Number(value >> 32n));

type Parts = Readonly<Record<number, readonly number[]>>;

/** The bytes of a PE32+ file whose offsets are its RVAs, with data directories and whatever else is given. */
function build(directories: Readonly<Record<number, readonly [rva: number, size: number]>>, parts: Parts) {
  const bytes = new Uint8Array(size);
  const put = (at: number, values: readonly number[]) => bytes.set(values, at);
  put(0, halves(0x5a4d));
  put(0x3c, words(0x80));
  put(0x80, [...words(0x4550), ...halves(0x8664, sections.length), ...words(0x5f5e_1000)]);
  put(0x94, halves(0xf0, 0x22, 0x20b));
  put(0xb0, quad(imageBase));
  put(0xd0, words(size, 0x400));
  put(0x104, words(16));
  for (const [index, [rva, length]] of Object.entries(directories))
    put(0x108 + Number(index) * 8, words(rva, length));
  sections.forEach(([name, rva, flags], index) => {
    const at = 0x188 + index * 40;
    put(at, [...Buffer.from(name, 'latin1')]);
    put(at + 8, words(0x1000, rva, 0x1000, rva));
    put(at + 36, words(flags));
  });
  for (const [rva, values] of Object.entries(parts)) put(Number(rva), values);
  return bytes;
}

const fileOf = (bytes: Uint8Array): FileImage => new FileImage(new BufferSource(bytes));
const headersOf = (image: ImageReader): ImageHeaders => readImageHeaders(image) as ImageHeaders;

/** A page of relocations: type << 12 | offset. */
const block = (page: number, ...entries: number[]): number[] => [
  ...words(page, 8 + entries.length * 2),
  ...halves(...entries),
];
const dir64 = (offset: number): number => (RelocationKind.Dir64 << 12) | offset;

describe('base relocations', () => {
  const relocations = [...block(0x1000, dir64(0x10), dir64(0xffc), 0), ...block(0x2000, 0x3008, 0xf010)];
  const bytes = build(
    { 5: [0x6000, relocations.length] },
    {
      0x1010: quad(imageBase + 0x2000n),
      0x1ffc: quad(0x1122_3344_ffff_fff0n),
      0x2008: words(0x4000_3000),
      0x6000: relocations,
    },
  );
  const image = fileOf(bytes);

  it('PE-9 are read block by block; padding is left out, strange entries are counted', () => {
    expect(readBaseRelocations(image, size)).toEqual({
      rvas: Uint32Array.of(0x1010, 0x1ffc, 0x2008),
      kinds: Uint8Array.of(10, 10, 3),
      strange: 1,
      partial: false,
    });
    expect(readBaseRelocations(fileOf(build({}, {})), size)).toMatchObject({ kind: 'no-directory' });
  });

  it('PE-9 end where a block contradicts the directory', () => {
    const cut = build({ 5: [0x6000, 0x40] }, { 0x6000: [...block(0x1000, dir64(8)), ...words(0x2000, 3)] });
    expect(readBaseRelocations(fileOf(cut), size)).toMatchObject({
      rvas: Uint32Array.of(0x1008),
      partial: true,
    });
  });

  it('PE-10 are applied to whatever part of the image is read', () => {
    const moved = new RelocatedImage(
      image,
      readBaseRelocations(image, size) as BaseRelocations,
      0x7_0000_0010n,
    );
    const u64 = (rva: number) => Buffer.from(moved.tryReadRva(rva, 8) as Uint8Array).readBigUInt64LE();
    expect(u64(0x1010)).toBe(imageBase + 0x2000n + 0x7_0000_0010n);
    // Over the end of a page, with a carry.
    expect(u64(0x1ffc)).toBe(0x1122_334c_0000_0000n);
    expect(Buffer.from(moved.tryReadRva(0x2008, 4) as Uint8Array).readUInt32LE()).toBe(0x4000_3010);
    const whole = moved.tryReadRva(0x1000, 0x2000) as Uint8Array;
    fc.assert(
      fc.property(fc.nat(0x1fff), fc.nat(40), (at, wanted) => {
        const length = Math.min(wanted, 0x2000 - at);
        expect(moved.tryReadRva(0x1000 + at, length)).toEqual(whole.slice(at, at + length));
      }),
    );
    expect(new RelocatedImage(image, { ...headersOf(image), ...none }, 0n).tryReadRva(0x1010, 8)).toEqual(
      Uint8Array.from(quad(imageBase + 0x2000n)),
    );
  });

  const none: BaseRelocations = {
    rvas: new Uint32Array(0),
    kinds: new Uint8Array(0),
    strange: 0,
    partial: false,
  };

  it('PE-8 end on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(0x2000), (noise, claimed) => {
        const hostile = fileOf(build({ 5: [0x6000, claimed], 10: [0x2000, 0x100] }, { 0x6000: [...noise] }));
        const found = readBaseRelocations(hostile, size);
        if ('rvas' in found) expect(found.rvas.every((rva) => rva < size)).toBe(true);
      }),
    );
  });
});

/** A load configuration at 0x2100 that leads to a table of dynamic relocations at 0x6100. */
const configuration = (table: number[]): Parts => ({
  0x2100: words(0xe8),
  0x2158: [...quad(imageBase + 0x3000n)],
  0x2170: [...quad(imageBase + 0x2040n), ...quad(imageBase + 0x2048n)],
  0x21e0: [...words(0x100), ...halves(6)],
  0x6100: table,
});
const loadConfiguration = { 10: [0x2100, 0xe8] } as const;

/** Version 1: symbol and size before the blocks. */
const entry = (symbol: bigint, blocks: number[]): number[] => [
  ...quad(symbol),
  ...words(blocks.length),
  ...blocks,
];
const table = (version: number, entries: number[]): number[] => [
  ...words(version, entries.length),
  ...entries,
];

describe('dynamic relocations', () => {
  const code = {
    0x1100: [0x48, 0xff, 0x15, 1, 2, 3, 4, 0x0f, 0x1f, 0x44, 0, 0],
    0x1120: [0xff, 0x15, 1, 2, 3, 4, 0x90],
    0x1140: [0xff, 0xe0],
  };
  const imports = [...words(0x1000, 12), ...words(0x100)];
  const calls = block(0x1000, 0x6120, 0);
  const jumps = block(0x1000, 0x0140, 0);
  const pteBase = block(0x1000, dir64(0x180), 0);
  const entries = [
    ...entry(3n, imports),
    ...entry(4n, calls),
    ...entry(5n, jumps),
    ...entry(0xffff_de00_0000_0000n, pteBase),
  ];
  const places = [
    { rva: 0x1100, length: 12 },
    { rva: 0x1120, length: 6 },
    { rva: 0x1140, length: 5 },
    { rva: 0x1180, length: 8 },
  ];

  it('PE-11 name the places that the loader may rewrite, as long as their code is', () => {
    const image = fileOf(build(loadConfiguration, { ...configuration(table(1, entries)), ...code }));
    expect(readDynamicRelocations(image)).toEqual({ places, unknownKinds: [], partial: false });
    expect(readLoadConfiguration(image)).toEqual({
      setByLoader: [0x3000, 0x2040, 0x2048],
      dynamicRelocations: 0x6100,
    });
  });

  it('PE-11 are read in their second form, with a header of any length', () => {
    const second = (symbol: bigint, blocks: number[]) => [
      ...words(24, blocks.length),
      ...quad(symbol),
      ...words(0, 0),
      ...blocks,
    ];
    const all = [...second(3n, imports), ...second(4n, calls), ...second(5n, jumps)];
    const image = fileOf(build(loadConfiguration, { ...configuration(table(2, all)), ...code }));
    expect(readDynamicRelocations(image)).toMatchObject({ places: places.slice(0, 3), partial: false });
  });

  it('PE-11 read callers of functions that may be replaced', () => {
    const callers = block(0x1000, 0x2200, 0x1300);
    const overrides = [...words(16 + 4 + callers.length, 0x1000, 0, 4, callers.length, 0x2000), ...callers];
    const image = fileOf(build(loadConfiguration, configuration(table(1, entry(7n, overrides)))));
    expect(readDynamicRelocations(image)).toEqual({
      places: [
        { rva: 0x1200, length: 4 },
        { rva: 0x1300, length: 4 },
      ],
      unknownKinds: [],
      partial: false,
    });
  });

  it('PE-11 say which kinds are not read and that a table is damaged', () => {
    const strange = fileOf(build(loadConfiguration, configuration(table(1, entry(6n, imports)))));
    expect(readDynamicRelocations(strange)).toEqual({ places: [], unknownKinds: [6], partial: false });
    const cut = table(1, entries);
    cut[4] = 0xff;
    expect(readDynamicRelocations(fileOf(build(loadConfiguration, configuration(cut))))).toMatchObject({
      partial: true,
    });
    expect(readDynamicRelocations(fileOf(build({}, {}))).places).toEqual([]);
  });

  it('PE-8 end on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 80 }), (version, noise) => {
        const image = fileOf(build(loadConfiguration, configuration(table(version, [...noise]))));
        expect(readDynamicRelocations(image).places.length).toBeLessThan(80);
      }),
    );
  });
});

describe('an image in memory against its file', () => {
  const relocations = block(0x1000, dir64(0x10), 0);
  const rewritten = table(1, entry(3n, [...words(0x1000, 12), ...words(0x100)]));
  const file = build(
    { ...loadConfiguration, 5: [0x6000, relocations.length], 12: [0x2000, 0x20] },
    {
      ...configuration(rewritten),
      0x1010: quad(imageBase + 0x2000n),
      0x1100: [0x48, 0xff, 0x15, 1, 2, 3, 4, 0x0f, 0x1f, 0x44, 0, 0],
      0x1200: [0x90, 0x0f, 0xb1],
      0x6000: relocations,
    },
  );
  const base = 0xffff_f805_7000_0000n;

  /** Memory of the image as it is loaded; pages named as absent are missing. */
  function memoryOf(bytes: Uint8Array, absent: readonly number[] = []): ImageReader {
    return {
      layout: 'mapped',
      tryReadRva(rva, length) {
        let end = rva;
        while (end < Math.min(rva + length, size) && !absent.includes(end >> 12)) end++;
        const got = bytes.slice(rva, end);
        return got.length === length
          ? got
          : new Fault('not-in-dump', base + BigInt(rva + got.length), { got });
      },
    };
  }

  function loaded(changes: Parts = {}): Uint8Array {
    const bytes = file.slice();
    bytes.set(quad(base + 0x2000n), 0x1010);
    for (const [rva, values] of Object.entries(changes)) bytes.set(values, Number(rva));
    return bytes;
  }

  function compare(found: ImageReader, options?: CompareOptions): ImageComparison {
    const image = fileOf(file);
    const run = compareImages(image, headersOf(image), found, base, options);
    for (;;) {
      const step = run.next();
      if (step.done === true) return step.value;
    }
  }

  it('PE-12 has no differences when it was only moved', () => {
    expect(compare(memoryOf(loaded()))).toMatchObject({
      differences: [],
      differentBytes: 0,
      rewrittenBytes: 0,
      comparedBytes: 0x1000,
      missingBytes: 0,
      notes: [],
    });
    expect(compare(memoryOf(loaded()), { relocate: false }).differentBytes).toBe(5);
  });

  it('PE-12 shows changed code, and counts what the loader may rewrite apart', () => {
    const changed = memoryOf(loaded({ 0x1020: [1, 2, 3], 0x1024: [9], 0x1101: [0xaa], 0x110b: [0xbb] }));
    const found = compare(changed);
    expect(found.differences.map(({ rva, expected, found: got }) => [rva, [...expected], [...got]])).toEqual([
      [0x1020, [0, 0, 0], [1, 2, 3]],
      [0x1024, [0], [9]],
    ]);
    expect(found).toMatchObject({ differentBytes: 4, rewrittenBytes: 2 });
    expect(found.rewritten.map(({ rva, length }) => [rva, length])).toEqual([
      [0x1101, 1],
      [0x110b, 1],
    ]);
  });

  it('PE-12 takes a lock prefix for a nop unless told otherwise', () => {
    const locked = memoryOf(loaded({ 0x1200: [0xf0] }));
    expect(compare(locked).differentBytes).toBe(0);
    expect(compare(locked, { lockIsNop: false }).differentBytes).toBe(1);
  });

  it('PE-12 chooses sections as asked', () => {
    const everywhere = Object.fromEntries(sections.map(([, rva]) => [rva + 0x800, [0x77]]));
    const bytes = loaded({ ...everywhere, 0x2004: [0x66], 0x2041: [0x55] });
    const at = (options?: CompareOptions) =>
      compare(memoryOf(bytes), options).differences.map(({ rva }) => rva);
    expect(at()).toEqual([0x1800]);
    // Import addresses and pointers of control flow guard are never compared.
    expect(at({ sections: 'all' })).toEqual([0x1800, 0x2800, 0x3800, 0x4800]);
    expect(at({ sectionName: 'PAGE' })).toEqual([0x4800]);
    expect(at({ sections: 'all', range: { start: 0x2800, end: 0x3801 } })).toEqual([0x2800, 0x3800]);
    expect(at({ range: { start: 0x1000, end: 0x1800 } })).toEqual([]);
  });

  it('PE-12 says what is missing, on either side', () => {
    const part = compare(memoryOf(loaded(), [1]));
    expect(part).toMatchObject({ comparedBytes: 0, missingBytes: 0x1000, differentBytes: 0 });
    expect(part.sections).toEqual([
      { name: '.text', rva: 0x1000, size: 0x1000, compared: 0, missing: 0x1000 },
    ]);
    const short = fileOf(file.slice(0, 0x1400));
    const run = compareImages(short, headersOf(short), memoryOf(loaded()), base);
    let step = run.next();
    while (step.done !== true) step = run.next();
    expect(step.value).toMatchObject({ comparedBytes: 0x400, missingBytes: 0xc00 });
    expect(step.value.notes.join()).toMatch('are missing or make no sense');
  });

  it('PE-12 finds all changes of code, and only those', () => {
    const code = 0x1000;
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(0xfff), { maxLength: 200 }),
        fc.uint8Array({ minLength: 200, maxLength: 200 }),
        (places, values) => {
          const bytes = loaded();
          const before = bytes.slice();
          places.forEach((place, index) => {
            bytes[code + place] = values[index]!;
          });
          const changed = places
            .map((place) => code + place)
            .filter((rva) => bytes[rva] !== before[rva])
            .filter((rva) => !(before[rva] === 0x90 && bytes[rva] === 0xf0))
            .sort((a, b) => a - b);
          const { differences, rewritten, differentBytes, rewrittenBytes } = compare(memoryOf(bytes));
          const listed = [...differences, ...rewritten].flatMap(({ rva, length }) =>
            Array.from({ length }, (_, index) => rva + index),
          );
          expect(listed.sort((a, b) => a - b)).toEqual(changed);
          expect(differentBytes + rewrittenBytes).toBe(changed.length);
          expect(rewrittenBytes).toBe(changed.filter((rva) => rva >= 0x1100 && rva < 0x110c).length);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('PE-12 bounds what is kept of many differences', () => {
    const bytes = loaded();
    bytes.fill(0x5a, 0x1000, 0x2000);
    const { differences, differentBytes } = compare(memoryOf(bytes));
    expect(differentBytes).toBeGreaterThan(0xf00);
    expect(Math.max(...differences.map(({ expected }) => expected.length))).toBeLessThanOrEqual(64);
    expect(differences.reduce((sum, { length }) => sum + length, 0)).toBe(differentBytes);
  });
});
