import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DumpProbe } from '../../test/dump-probe.ts';
import { joinPieces, type Piece } from '../bytes/piece.ts';
import type { PageRun, PageSource } from '../memory/page-source.ts';
import type { BlobFile } from './blobs.ts';
import {
  bitmapDump,
  fullDump,
  type HeaderFacts,
  headerDump,
  type PageDump,
  rangeDump,
  summaryDump,
} from './page-dumps.ts';

const facts = (wide: boolean): HeaderFacts => ({
  ...{ wide, majorVersion: 15, minorVersion: 19041, directoryTableBase: 0x1ad000, pfnDatabase: 0n },
  ...{
    psLoadedModuleList: 0n,
    psActiveProcessHead: 0n,
    machineImageType: wide ? 0x8664 : 0x14c,
    numberProcessors: 1,
  },
  ...{
    bugCheckCode: 0x50,
    bugCheckParameters: [1n, 2n, 3n, 4n],
    kdDebuggerDataBlock: 0n,
    systemTime: 1n,
    systemUpTime: 2n,
  },
});

/** Every page begins with its number; pages whose number divides by five are zero. */
const numbered = (runs: readonly PageRun[]): PageSource => ({
  runs,
  page(pfn) {
    if (pfn % 5 === 0) return undefined;
    const bytes = new Uint8Array(4096);
    new DataView(bytes.buffer).setUint32(0, pfn, true);
    bytes[4095] = 0xee;
    return bytes;
  },
});

const runsOf = (gaps: readonly (readonly [number, number])[]): PageRun[] => {
  let next = 0;
  return gaps.map(([gap, pageCount]) => {
    const run = { basePage: next + gap, pageCount };
    next = run.basePage + pageCount;
    return run;
  });
};

const someRuns = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 30 })), {
    minLength: 1,
    maxLength: 12,
  })
  .map(runsOf);

const numbersOf = (runs: readonly PageRun[]): number[] =>
  runs.flatMap(({ basePage, pageCount }) =>
    Array.from({ length: pageCount }, (_, index) => basePage + index),
  );

interface Writer {
  readonly name: string;
  readonly type: number;
  readonly wide: boolean;
  readonly write: (dump: PageDump) => Iterable<Piece>;
  /** Bytes before the first page, for a bitmap of `bits` and a number of runs. */
  readonly head: (bits: number, runs: number) => number;
}

const pages = (bytes: number): number => Math.ceil(bytes / 4096) * 4096;

const writers: Writer[] = [true, false].flatMap((wide) => {
  const header = wide ? 0x2000 : 0x1000;
  const bitmap = (fixed: number) => (bits: number) => header + pages(fixed + Math.ceil(bits / 8));
  return [
    { name: 'full', type: 1, wide, write: fullDump, head: () => header },
    { name: 'summary', type: 2, wide, write: summaryDump, head: bitmap(wide ? 0x28 : 0x20) },
    {
      name: 'bitmap full',
      type: 5,
      wide,
      write: (dump: PageDump) => bitmapDump(dump, 5),
      head: bitmap(0x38),
    },
    {
      name: 'bitmap kernel',
      type: 6,
      wide,
      write: (dump: PageDump) => bitmapDump(dump, 6),
      head: bitmap(0x38),
    },
  ];
});
for (const type of [8, 9, 0xa] as const)
  writers.push({
    name: `range ${type}`,
    type,
    wide: true,
    write: (dump) => rangeDump(dump, type),
    head: (_bits, runs) => 0x2000 + pages(0x30 + (runs + 1) * 16),
  });

describe.each(writers)('$name dump, 64-bit $wide', ({ type, wide, write, head }) => {
  it('holds every page where its format says, and is as long as it says', () => {
    fc.assert(
      fc.property(someRuns, (runs) => {
        const bytes = joinPieces(write({ header: facts(wide), memory: numbered(runs) }));
        const probe = new DumpProbe(bytes);
        const numbers = numbersOf(runs);
        const firstPage = head((numbers.at(-1) ?? 0) + 1, runs.length);
        expect(probe.dumpType).toBe(type);
        expect(bytes.length).toBe(firstPage + numbers.length * 4096);
        expect(probe.u64(0xfa0)).toBe(BigInt(bytes.length));
        expect(probe.pageNumbers).toEqual(numbers);
        for (const [index, pfn] of numbers.entries()) {
          const page = bytes.subarray(firstPage + index * 4096, firstPage + (index + 1) * 4096);
          const zero = pfn % 5 === 0;
          expect(new DataView(page.buffer, page.byteOffset).getUint32(0, true)).toBe(zero ? 0 : pfn);
          expect(page[4095]).toBe(zero ? 0 : 0xee);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('comes in pieces that are in file order and end where the file ends', () => {
    const runs = [{ basePage: 1, pageCount: 600 }];
    let end = 0;
    for (const { offset, bytes } of write({ header: facts(wide), memory: numbered(runs) })) {
      expect(offset).toBeGreaterThanOrEqual(end);
      expect(bytes.length).toBeGreaterThan(0);
      expect(bytes.length).toBeLessThanOrEqual(1 << 20);
      end = offset + bytes.length;
    }
    expect(end).toBe(head(601, 1) + 600 * 4096);
  });
});

describe('bitmap block', () => {
  const runs = [
    { basePage: 3, pageCount: 2 },
    { basePage: 8, pageCount: 17 },
  ];
  const probe = new DumpProbe(joinPieces(bitmapDump({ header: facts(true), memory: numbered(runs) }, 6)));

  it('says signature, header size, pages and bits', () => {
    expect(probe.text(0x2000, 8)).toBe('SDMPDUMP');
    expect([0x2020, 0x2028, 0x2030].map((at) => probe.u64(at))).toEqual([0x3000n, 19n, 25n]);
    expect(
      new DumpProbe(joinPieces(bitmapDump({ header: facts(true), memory: numbered(runs) }, 5))).text(
        0x2000,
        4,
      ),
    ).toBe('FDMP');
  });

  it('has one bit a page, lowest first', () => {
    expect([...probe.bytes.subarray(0x2038, 0x203d)]).toEqual([0b0001_1000, 0xff, 0xff, 0b0000_0001, 0]);
    const set = [...probe.bytes.subarray(0x2038, 0x3000)].reduce(
      (sum, byte) => sum + byte.toString(2).replaceAll('0', '').length,
      0,
    );
    expect(set).toBe(19);
  });
});

describe('summary block', () => {
  it('says header size, bits and pages in 32-bit fields', () => {
    const runs = [{ basePage: 3, pageCount: 2 }];
    const probe = new DumpProbe(joinPieces(summaryDump({ header: facts(true), memory: numbered(runs) })));
    expect(probe.text(0x2000, 8)).toBe('SDMPDUMP');
    expect([0x200c, 0x2010, 0x2014, 0x2018].map((at) => probe.u32(at))).toEqual([0x3000, 5, 2, 5]);
    expect([probe.u64(0x2020), probe.bytes[0x2028]]).toEqual([0n, 0b1_1000]);
  });
});

describe('range block', () => {
  const runs = [
    { basePage: 3, pageCount: 2 },
    { basePage: 8, pageCount: 17 },
  ];

  it.each([8, 9, 0xa] as const)('of type %i keeps the two sizes in step', (type) => {
    const probe = new DumpProbe(joinPieces(rangeDump({ header: facts(true), memory: numbered(runs) }, type)));
    expect(probe.u32(0x2000)).toBe(0x40);
    expect(probe.text(0x2004, 8)).toBe('RDMPDUMP');
    expect(probe.u64(0x2010) - 0x20n).toBe(probe.u64(0x2018) - 0x2040n);
    expect([probe.u32(0x2020), probe.u64(0x2028)]).toEqual(type === 0xa ? [2, 19n] : [0, 0n]);
    expect([0x2030, 0x2038, 0x2040, 0x2048, 0x2050].map((at) => probe.u64(at))).toEqual([
      3n,
      2n,
      8n,
      17n,
      0n,
    ]);
  });

  it('cannot hold page 0', () => {
    const memory = numbered([{ basePage: 0, pageCount: 2 }]);
    expect(() => [...rangeDump({ header: facts(true), memory }, 8)]).toThrow('page 0');
  });
});

describe('header dump', () => {
  it('is the header and nothing else', () => {
    const memory = numbered([{ basePage: 1, pageCount: 2 }]);
    expect(joinPieces(headerDump({ header: facts(true), memory })).length).toBe(0x2000);
    expect(joinPieces(headerDump({ header: facts(false), memory })).length).toBe(0x1000);
  });
});

describe('secondary data', () => {
  const blobs: BlobFile = {
    build: 19041,
    blobs: [
      {
        tag: '270a33fd-3da6-460d-ba89-3c1bae21e39b',
        data: Uint8Array.from({ length: 13 }, (_, index) => index),
      },
      { tag: '00000000-0000-0000-0000-000000000000', data: new Uint8Array(0) },
      { tag: 'e83b40d2-b0a0-4842-abea-71c9e3463dd1', data: new Uint8Array(36).fill(7), prePad: 4 },
    ],
  };

  it('follows the last page and walks exactly to the end of the file', () => {
    const memory = numbered([{ basePage: 1, pageCount: 3 }]);
    const bytes = joinPieces(bitmapDump({ header: facts(true), memory, blobs }, 6));
    const probe = new DumpProbe(bytes);
    const start = 0x3000 + 3 * 4096;
    expect(probe.text(start, 8)).toBe('DumpBlob');
    expect([probe.u32(start + 8), probe.u32(start + 12)]).toEqual([0x10, 0xf000_4a61]);
    expect(probe.u64(0xfa0)).toBe(BigInt(bytes.length));
    const found: { tag: string; size: number; first: number | undefined }[] = [];
    let at = start + 0x10;
    while (at < bytes.length) {
      expect(probe.u32(at)).toBe(0x20);
      const [size, pre, post] = [probe.u32(at + 0x14), probe.u32(at + 0x18), probe.u32(at + 0x1c)];
      found.push({
        tag: probe.u32(at + 4).toString(16),
        size,
        first: size > 0 ? bytes[at + 0x20 + pre] : undefined,
      });
      at += 0x20 + pre + size + post;
      expect((at - start) % 8).toBe(0);
    }
    expect(at).toBe(bytes.length);
    expect(found).toEqual([
      { tag: '270a33fd', size: 13, first: 0 },
      { tag: '0', size: 0, first: undefined },
      { tag: 'e83b40d2', size: 36, first: 7 },
    ]);
  });

  it('stores a GUID the way Windows does', () => {
    const memory = numbered([{ basePage: 1, pageCount: 1 }]);
    const bytes = joinPieces(headerDump({ header: facts(true), memory, blobs }));
    expect([...bytes.subarray(0x2014, 0x2024)]).toEqual([
      0xfd, 0x33, 0x0a, 0x27, 0xa6, 0x3d, 0x0d, 0x46, 0xba, 0x89, 0x3c, 0x1b, 0xae, 0x21, 0xe3, 0x9b,
    ]);
  });
});
