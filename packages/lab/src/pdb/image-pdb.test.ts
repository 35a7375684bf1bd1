import { BufferSource, openSymbolFile } from '@poolscope/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PdbFile } from '../../../engine/src/pdb/index.ts';
import { allocatorImage, describedImage, reorderedImage } from '../../test/sample-images.ts';
import { buildImage } from '../image/build-image.ts';
import type { BuiltImage } from '../image/built-image.ts';
import { raw } from '../image/code.ts';
import type { FunctionSpec } from '../image/image-spec.ts';
import { imagePdb } from './image-pdb.ts';

const bytesOf = (image: BuiltImage) => new BufferSource(imagePdb(image));
const table = (image: BuiltImage) => openSymbolFile(bytesOf(image), 'probe.pdb');

describe('a program database of an image', () => {
  const image = describedImage();
  const pdb = new PdbFile(bytesOf(image));
  const outer = image.function('Outer').rva;

  it('is the one that the image names', () => {
    expect(pdb.identity).toEqual({
      guid: '0123456789ABCDEF0123456789ABCDEF',
      age: 0x1b,
      signature: image.spec.timeDateStamp,
      machine: 0x8664,
    });
    expect(pdb.limits).toEqual([]);
  });

  it('has every function, variable and import slot as a public symbol, found by the hash and by place', () => {
    const names = Array.from({ length: pdb.publics.count }, (_, index) => pdb.publics.at(index)!.name);
    expect(names).toEqual(['Entry', 'Outer', 'Leaf', '__imp_ExFreePoolWithTag', 'Text', 'Zeta', '__Odd']);
    for (const name of names) expect(pdb.publics.findByName(name)?.name).toBe(name);
    for (const name of ['Entry', 'Outer', 'Leaf', 'Zeta', '_Odd', 'Text'])
      expect([name, pdb.rvaOfName(name)]).toEqual([name, image.symbols.get(name)]);
    expect(pdb.nameAt(image.symbols.get('_Odd')! + 3)).toMatchObject({ name: '_Odd', offset: 3 });
    expect(pdb.rvaOfName('_imp_ExFreePoolWithTag')).toBe(image.imports.get('nt!ExFreePoolWithTag'));
  });

  it('has the procedures with their extents, one module a source file', () => {
    expect(pdb.privates.modules.map(({ name }) => name)).toEqual(['probe.obj', 'outer.obj', '* Linker *']);
    for (const placed of image.functions)
      expect(pdb.boundsAt(placed.rva)).toEqual({ start: placed.rva, end: placed.rva + placed.size });
    expect(pdb.nameAt(outer + 0x42f)).toMatchObject({ name: 'Outer', offset: 0x42f, kind: 'procedure' });
    for (const { name } of [...image.functions].map(({ spec }) => spec))
      expect([...pdb.globals.find(name)].map(({ kind }) => kind)).toEqual(['procedure']);
  });

  it('has the lines', () => {
    const line = (at: number) => pdb.lineAt(outer + at);
    expect(line(0xf)).toEqual({ file: 'd:\\probe\\outer.c', line: 10, offset: 0xf });
    expect(line(0x10)).toEqual({ file: 'd:\\probe\\outer.c', line: 12, offset: 0 });
    expect(line(0x37)).toEqual({ file: 'd:\\probe\\outer.c', line: 300, offset: 7 });
    expect(line(0x430)).toMatchObject({ file: 'd:\\probe\\other.h', line: 4 });
    expect(pdb.lineAt(image.function('Leaf').rva)).toMatchObject({ file: 'probe.c', line: 70_000 });
    expect(pdb.lineAt(image.function('Entry').rva)).toBeUndefined();
  });

  it('has what was inlined, the outer functions first', () => {
    const inlines = (at: number) =>
      pdb.inlinesAt(outer + at).map(({ name, start, source }) => [name, start, source?.line]);
    expect(inlines(0xf)).toEqual([]);
    expect(inlines(0x10)).toEqual([['Push', 0x10, 30]]);
    expect(inlines(0x18)).toEqual([
      ['Push', 0x10, 30],
      ['Link', 0x18, 50],
    ]);
    expect(inlines(0x20)).toEqual([['Push', 0x10, 33]]);
    expect(inlines(0x30)).toEqual([]);
    expect(inlines(0x40f)).toEqual([['Push', 0x10, 29]]);
    expect(inlines(0x410)).toEqual([]);
    expect(pdb.inlinesAt(outer + 0x18)[1]?.source?.file).toBe('d:\\probe\\list.h');
  });

  it('has the same bytes for the same image', () => {
    expect(Buffer.compare(imagePdb(describedImage()), imagePdb(image))).toBe(0);
  });
});

describe('an image whose order before makes no sense', () => {
  const reordered = (linkOrder: readonly string[], cold: readonly { at: number; offset: number }[]) => {
    const { spec } = reorderedImage();
    const functions = spec.functions.map((each) =>
      each.name === 'First$cold' ? { ...each, moved: { of: 'First', blocks: cold } } : each,
    );
    return () => imagePdb(buildImage({ ...spec, functions, linkOrder }));
  };
  const right = [{ at: 0, offset: 0x48 }];

  it('is refused', () => {
    expect(reordered(['First'], right)).not.toThrow();
    expect(reordered(['First', 'First'], right)).toThrow('twice');
    expect(reordered(['First$cold'], right)).toThrow('part of another function');
    expect(reordered(['First'], [{ at: 0, offset: 0x28 }])).toThrow('at one place');
    expect(reordered(['First'], [{ at: 1, offset: 0x48 }])).toThrow('ascend');
    expect(reordered(['First'], [...right, ...right])).toThrow('ascend');
  });

  it('is refused when code belongs to no function', () => {
    const { spec } = reorderedImage();
    const functions = spec.functions.map((each) =>
      each.name === 'First$cold' ? { ...each, moved: { of: 'Third', blocks: right } } : each,
    );
    expect(() => imagePdb(buildImage({ ...spec, functions }))).toThrow('First$cold is a part of no function');
  });

  it('is refused when ranges lie outside of the code', () => {
    const { spec } = describedImage();
    const [entry, ...others] = spec.functions;
    const functions = [{ ...entry!, blocks: [{ from: 0, to: 0x1000 }] }, ...others];
    expect(() => imagePdb(buildImage({ ...spec, functions }))).toThrow('has no code 0 to 4096');
  });
});

describe('a program database of an image that was reordered', () => {
  const image = reorderedImage();
  const symbols = table(image);
  const first = image.function('First').rva;
  const cold = image.function('First$cold').rva;

  it('has offsets of the program as it was before', () => {
    const pdb = new PdbFile(bytesOf(image));
    expect(pdb.sections.isReordered).toBe(true);
    expect(pdb.publics.findByName('Second')).toMatchObject({ section: 1, offset: 0 });
    expect(pdb.publics.findByName('First')).toMatchObject({ section: 1, offset: 0x20 });
    expect(pdb.publics.findByName('Entry')).toMatchObject({ section: 1, offset: 0x80 });
    expect(pdb.publics.findByName('First$cold')).toBeUndefined();
    expect(symbols.nameAt(first + 0x1f)).toMatchObject({ name: 'First', offset: 0x1f });
    expect(symbols.nameAt(first + 0x20)).toMatchObject({ name: 'First', offset: 0x28 });
    expect(symbols.nameAt(first + 0x3f)).toMatchObject({ name: 'First', offset: 0x47 });
    expect(symbols.nameAt(cold + 0xf)).toMatchObject({ name: 'First', offset: 0x57 });
  });

  it('leads to the places of now', () => {
    for (const name of ['First', 'Second', 'Entry', 'Zeta', 'Text', '_Odd'])
      expect([name, symbols.rvaOf(name)]).toEqual([name, image.symbols.get(name)]);
    expect(symbols.nameAt(image.symbols.get('Zeta')!)).toMatchObject({ name: 'Zeta', offset: 0 });
  });

  it('has the offsets that the article shows for its kernel', () => {
    const kernel = allocatorImage();
    const start = kernel.function('ExAllocatePoolWithTag').rva;
    const nt = table(kernel);
    const name = (at: number) => {
      const found = nt.nameAt(start + at);
      return `${found?.name}+0x${found?.offset.toString(16)}`;
    };
    expect([0x419, 0x43a, 0x7ee, 0xa98].map(name)).toEqual([
      'ExAllocatePoolWithTag+0x421',
      'ExAllocatePoolWithTag+0x442',
      'ExAllocatePoolWithTag+0x7ec',
      'ExAllocatePoolWithTag+0xa94',
    ]);
    expect(nt.inlinesAt!(start + 0x419)).toMatchObject([{ name: 'KzAcquireQueuedSpinLock', offset: 0 }]);
    expect(nt.inlinesAt!(start + 0x43a)).toEqual([]);
    expect(nt.rvaOf('ExAllocatePoolWithTag')).toBe(start);
  });

  it('names nothing between functions, and has no bounds for one that was taken apart', () => {
    const end = cold + image.function('First$cold').size;
    expect(symbols.nameAt(end)).toBeUndefined();
    expect(symbols.boundsAt!(first)).toBeUndefined();
    const second = image.function('Second');
    expect(symbols.boundsAt!(second.rva)).toEqual({ start: second.rva, end: second.rva + second.size });
  });

  it('has lines and inlined functions of the moved code', () => {
    expect(symbols.lineAt!(first + 0x1f)?.line).toBe(5);
    expect(symbols.lineAt!(first + 0x20)?.line).toBe(6);
    expect(symbols.lineAt!(cold)?.line).toBe(9);
    const names = (at: number) => symbols.inlinesAt!(first + at).map(({ name }) => name);
    expect([0x17, 0x18, 0x1f, 0x20, 0x27, 0x28].map(names)).toEqual([
      [],
      ['Push'],
      ['Push'],
      ['Push'],
      ['Push'],
      [],
    ]);
  });
});

/** A function of blocks: bytes of each now, and bytes that were taken out behind it. */
const blockList = fc.array(
  fc.record({ size: fc.integer({ min: 1, max: 40 }), removed: fc.integer({ min: 0, max: 20 }) }),
  { minLength: 1, maxLength: 5 },
);

describe('any order before', () => {
  it('is what every byte of the code is named by', () => {
    fc.assert(
      fc.property(fc.array(blockList, { minLength: 1, maxLength: 5 }), fc.integer(), (functions, seed) => {
        const { image, expected } = scattered(functions, seed);
        const symbols = table(image);
        for (const [rva, name, offset] of expected)
          expect([rva, symbols.nameAt(rva)]).toEqual([rva, expect.objectContaining({ name, offset })]);
        for (const { spec, rva } of image.functions)
          if (spec.moved?.of === undefined) expect(symbols.rvaOf(spec.name)).toBe(rva);
      }),
      { numRuns: 25 },
    );
  });
});

/** Functions whose blocks were apart, the last of every second one a function of its own now, in an order by the seed. */
function scattered(functions: readonly (readonly { size: number; removed: number }[])[], seed: number) {
  const places = new Map<string, readonly { at: number; offset: number; size: number }[]>();
  const specs = functions.flatMap((blocks, index) => {
    const name = `F${index}`;
    let [at, offset] = [0, 0];
    const own = blocks.map(({ size, removed }) => {
      const block = { at, offset, size };
      at += size;
      offset += size + removed;
      return block;
    });
    const cold = index % 2 === 1 && own.length > 1 ? own.pop() : undefined;
    places.set(name, own);
    const hot = { ...bare(name, own), moved: { blocks: own } };
    if (cold === undefined) return [hot];
    const part = [{ ...cold, at: 0 }];
    places.set(`${name}$cold`, part);
    return [hot, { ...bare(`${name}$cold`, part), moved: { of: name, blocks: part } }];
  });
  const owners = [...functions.keys()].map((index) => `F${index}`);
  const linkOrder = owners.toSorted(
    (a, b) => ((a.charCodeAt(1) * seed) & 7) - ((b.charCodeAt(1) * seed) & 7),
  );
  const image = buildImage({ ...reorderedImage().spec, entryPoint: 'F0', functions: specs, linkOrder });
  const expected = [...image.functions].flatMap(({ spec, rva }) =>
    places.get(spec.name)!.flatMap(({ at, offset, size }) => {
      const name = spec.name.replace('$cold', '');
      return [0, size - 1].map((inside): [number, string, number] => [
        rva + at + inside,
        name,
        offset + inside,
      ]);
    }),
  );
  return { image, expected };
}

const bare = (name: string, blocks: readonly { readonly size: number }[]): FunctionSpec => {
  const size = blocks.reduce((sum, block) => sum + block.size, 0);
  return { name, code: [raw('90'.repeat(size))], prolog: [], prologSize: 0 };
};
