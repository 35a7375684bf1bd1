import { describe, expect, it } from 'vitest';
import { asciiBytes } from '../bytes/integers.ts';
import { nop as armNop } from './arm64-code.ts';
import { arm64Function } from './arm64-function.ts';
import { buildImage } from './build-image.ts';
import { mark, raw } from './code.ts';
import type { Architecture, FunctionSpec, ImageSpec } from './image-spec.ts';
import { call, callImport, jump } from './x64-code.ts';
import { x64Function } from './x64-function.ts';
import { allocated, pushed } from './x64-prolog.ts';
import { pushImmediate } from './x86-code.ts';
import { x86Function } from './x86-function.ts';

const spec = (architecture: Architecture, base: bigint, functions: readonly FunctionSpec[]): ImageSpec => ({
  ...{ architecture, base, functions, name: 'probe.sys', module: 'probe', timeDateStamp: 0x6357_a001 },
  pdb: { name: 'probe.pdb', guid: '01234567-89ab-cdef-0123-456789abcdef', age: 3 },
  entryPoint: 'Entry',
  variables: [
    { name: 'Zeta', size: 8, exported: true },
    { name: 'Table', size: 0x2100, alignment: 64 },
  ],
  constants: [{ name: 'Text', size: 6, bytes: asciiBytes('hello', true) }],
});

const x64Spec = spec('x64', 0xffff_f800_1234_0000n, [
  x64Function('Entry', [pushed('rbx'), allocated(0x20)], [call('Inner'), mark('after')], { exported: true }),
  x64Function('Inner', [allocated(0x28)], [callImport('nt!ExFreePoolWithTag'), jump('Inner$moved')], {
    exported: true,
  }),
  x64Function('Inner$moved', [], [raw('90'), callImport('hal!HalFirst')], {
    chainTo: 'Inner',
    noEpilog: true,
  }),
  x64Function('Leaf', [], [raw('c3')], { noEpilog: true }),
]);

/** The parts of a PE image, found by offsets written out here. */
class PeProbe {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly pe: number;
  readonly wide: boolean;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.pe = this.u32(0x3c);
    this.wide = this.u16(this.pe + 24) === 0x20b;
  }

  u16 = (at: number): number => this.view.getUint16(at, true);
  u32 = (at: number): number => this.view.getUint32(at, true);
  u64 = (at: number): bigint => this.view.getBigUint64(at, true);
  text = (at: number): string => {
    let end = at;
    while (this.bytes[end] !== 0) end++;
    return String.fromCharCode(...this.bytes.subarray(at, end));
  };

  directory(index: number): { rva: number; size: number } {
    const at = this.pe + 24 + (this.wide ? 112 : 96) + 8 * index;
    return { rva: this.u32(at), size: this.u32(at + 4) };
  }

  get sections(): { name: string; size: number; rva: number; rawSize: number; raw: number; flags: number }[] {
    const first = this.pe + 24 + this.u16(this.pe + 20);
    return Array.from({ length: this.u16(this.pe + 6) }, (_, index) => {
      const at = first + 40 * index;
      const name = String.fromCharCode(...this.bytes.subarray(at, at + 8)).replace(/\0+$/, '');
      const [size, rva, rawSize, rawAt] = [8, 12, 16, 20].map((offset) => this.u32(at + offset)) as [
        number,
        number,
        number,
        number,
      ];
      return { name, size, rva, rawSize, raw: rawAt, flags: this.u32(at + 36) };
    });
  }

  get exports(): [string, number][] {
    const { rva } = this.directory(0);
    return Array.from({ length: this.u32(rva + 24) }, (_, index) => {
      const ordinal = this.u16(this.u32(rva + 36) + 2 * index);
      return [
        this.text(this.u32(this.u32(rva + 32) + 4 * index)),
        this.u32(this.u32(rva + 28) + 4 * ordinal),
      ];
    });
  }
}

describe('an x64 image', () => {
  const image = buildImage(x64Spec);
  const mapped = new PeProbe(image.mappedBytes());

  it('has headers that tell what it is', () => {
    const { pe } = mapped;
    expect([mapped.u16(pe + 4), mapped.u32(pe + 8), mapped.u16(pe + 24)]).toEqual([
      0x8664, 0x6357_a001, 0x20b,
    ]);
    expect(mapped.u64(pe + 24 + 24)).toBe(0xffff_f800_1234_0000n);
    expect(mapped.u32(pe + 24 + 16)).toBe(image.symbols.get('Entry'));
    expect(mapped.u32(pe + 24 + 56)).toBe(mapped.bytes.length);
    expect(mapped.sections.map(({ name }) => name)).toEqual([
      '.text',
      '.rdata',
      '.data',
      '.pdata',
      '.xdata',
      '.edata',
    ]);
  });

  it('has sections on pages, one after another', () => {
    let expected = 0x1000;
    for (const { rva, size } of mapped.sections) {
      expect(rva).toBe(expected);
      expected = rva + Math.ceil(size / 4096) * 4096;
    }
    expect(mapped.bytes.length).toBe(expected);
  });

  it('is the same as a file', () => {
    const file = new PeProbe(image.fileBytes());
    for (const { rva, size, raw: rawAt, rawSize } of file.sections) {
      expect(rawAt % 0x200).toBe(0);
      expect(rawSize % 0x200).toBe(0);
      expect([...file.bytes.subarray(rawAt, rawAt + size)]).toEqual([
        ...mapped.bytes.subarray(rva, rva + size),
      ]);
    }
    const last = file.sections.at(-1)!;
    expect(file.bytes.length).toBe(last.raw + last.rawSize);
  });

  it('has the checksum of its file', () => {
    const file = image.fileBytes();
    const at = new PeProbe(file).pe + 24 + 64;
    const stored = new DataView(file.buffer).getUint32(at, true);
    file.fill(0, at, at + 4);
    let sum = 0;
    for (let offset = 0; offset < file.length; offset += 2) sum += file[offset]! | (file[offset + 1]! << 8);
    while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
    expect(stored).toBe(sum + file.length);
  });

  it('exports its names in ascending order', () => {
    expect(mapped.exports).toEqual([
      ['Entry', image.symbols.get('Entry')],
      ['Inner', image.symbols.get('Inner')],
      ['Zeta', image.symbols.get('Zeta')],
    ]);
    expect(mapped.text(mapped.u32(mapped.directory(0).rva + 12))).toBe('probe.sys');
  });

  it('says which PDB belongs to it, in memory and in the file', () => {
    const { rva, size } = mapped.directory(6);
    expect([size, mapped.u32(rva + 12)]).toEqual([28, 2]);
    const file = new PeProbe(image.fileBytes());
    for (const [probe, at] of [
      [mapped, mapped.u32(rva + 20)],
      [file, mapped.u32(rva + 24)],
    ] as const) {
      expect(String.fromCharCode(...probe.bytes.subarray(at, at + 4))).toBe('RSDS');
      expect([probe.u32(at + 4), probe.u16(at + 8), probe.u16(at + 10), probe.u32(at + 20)]).toEqual([
        0x0123_4567, 0x89ab, 0xcdef, 3,
      ]);
      expect(probe.text(at + 24)).toBe('probe.pdb');
    }
  });

  it('has one sorted unwind entry a function with a frame, and one for the moved part', () => {
    const { rva, size } = mapped.directory(3);
    const entries = Array.from({ length: size / 12 }, (_, index) =>
      [0, 4, 8].map((at) => mapped.u32(rva + 12 * index + at)),
    );
    expect(entries.map(([begin]) => begin)).toEqual(
      ['Entry', 'Inner', 'Inner$moved'].map((name) => image.symbols.get(name)),
    );
    for (const [name, entry] of [
      ['Entry', entries[0]!],
      ['Inner', entries[1]!],
    ] as const)
      expect(entry[1]).toBe(entry[0]! + image.function(name).size);
    const [, inner, moved] = entries;
    expect([0, 4, 8].map((at) => mapped.u32(moved![2]! + 4 + at))).toEqual(inner);
  });

  it('has code whose calls arrive', () => {
    const entry = image.function('Entry');
    const afterCall = entry.returnFrom('Inner');
    expect(entry.mark('after')).toBe(afterCall);
    const rva = Number(afterCall - x64Spec.base);
    expect(rva + mapped.view.getInt32(rva - 4, true)).toBe(image.symbols.get('Inner'));
    const imported = Number(image.function('Inner').returnFrom('nt!ExFreePoolWithTag') - x64Spec.base);
    expect(imported + mapped.view.getInt32(imported - 4, true)).toBe(
      image.imports.get('nt!ExFreePoolWithTag'),
    );
    expect([...image.imports.keys()]).toEqual(['hal!HalFirst', 'nt!ExFreePoolWithTag']);
  });

  it('has data where it says', () => {
    expect(mapped.text(image.symbols.get('Text')!)).toBe('hello');
    expect(image.symbols.get('Table')! % 64).toBe(0);
    expect(() => image.address('Nothing')).toThrow('no symbol');
    expect(() => image.function('Entry').returnFrom('Nobody')).toThrow('no call of Nobody');
  });

  it('gives each page its rights', () => {
    const rights = new Map(
      [...image.pages()].map(({ rva, writable, executable }) => [rva, [writable, executable]]),
    );
    expect(rights.get(0)).toEqual([false, false]);
    expect(rights.get(0x1000)).toEqual([false, true]);
    expect(rights.get(image.symbols.get('Table')! & ~0xfff)).toEqual([true, false]);
    expect(rights.size).toBe(image.size / 4096);
  });

  it('cannot define a name twice', () => {
    const leaf = x64Function('Entry', [], [raw('c3')], { noEpilog: true });
    expect(() => buildImage({ ...x64Spec, functions: [leaf, leaf] })).toThrow('defines Entry twice');
  });
});

describe('images of other processors', () => {
  it('x86 is PE32 without unwind tables', () => {
    const image = buildImage(
      spec('x86', 0xffff_ffff_8c60_0000n, [x86Function('Entry', { saves: ['esi'] }, [pushImmediate(5)])]),
    );
    const probe = new PeProbe(image.mappedBytes());
    expect([probe.u16(probe.pe + 4), probe.u16(probe.pe + 24), probe.u32(probe.pe + 24 + 28)]).toEqual([
      0x14c, 0x10b, 0x8c60_0000,
    ]);
    expect(probe.directory(3)).toEqual({ rva: 0, size: 0 });
    expect([...probe.bytes.subarray(0x1000, 0x100c)]).toEqual([
      0x55, 0x8b, 0xec, 0x56, 0x68, 5, 0, 0, 0, 0x5e, 0xc9, 0xc3,
    ]);
  });

  it('arm64 has unwind entries of 8 bytes', () => {
    const image = buildImage(spec('arm64', 0xffff_f803_f860_0000n, [arm64Function('Entry', {}, [armNop()])]));
    const probe = new PeProbe(image.mappedBytes());
    const { rva, size } = probe.directory(3);
    expect([probe.u16(probe.pe + 4), size]).toEqual([0xaa64, 8]);
    expect(probe.u32(rva)).toBe(image.symbols.get('Entry'));
    // Six instructions: stp, mov, nop, mov, ldp, ret.
    expect(probe.u32(probe.u32(rva + 4)) & 0x3_ffff).toBe(6);
  });
});
