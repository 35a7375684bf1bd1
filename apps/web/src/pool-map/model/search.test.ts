import { CensusFlag, CensusPart } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { madeUpMap } from './made-up-map.ts';
import { countFound, parseQuery, partTest } from './search.ts';

describe('what was typed', () => {
  it.each([
    ['', { kind: 'none' }],
    ['fffffa8001a1b000', { kind: 'address', address: 0xfffffa8001a1b000n }],
    ['fffffa80`01a1b000', { kind: 'address', address: 0xfffffa8001a1b000n }],
    ['0xfffffa8001a1b000', { kind: 'address', address: 0xfffffa8001a1b000n }],
    ['8a1b0008', { kind: 'address', address: 0xffff_ffff_8a1b_0008n }],
    ['0x210', { kind: 'size', least: 0x210, most: 0x210 }],
    ['size 200-400', { kind: 'size', least: 0x200, most: 0x400 }],
    ['size:0x80', { kind: 'size', least: 0x80, most: 0x80 }],
    ['damaged', { kind: 'damage' }],
    ['owner: request packet', { kind: 'tags', text: 'request packet', isOwner: true }],
    ['File', { kind: 'tags', text: 'File', isOwner: false }],
    ['tag:Ntf?', { kind: 'tags', text: 'Ntf?', isOwner: false }],
  ])('%s', (typed, query) => {
    expect(parseQuery(typed)).toEqual(query);
  });
});

describe('what fits', () => {
  const data = madeUpMap([
    {
      at: 1,
      parts: [
        [0, 0x100, 'Irp '],
        [0x100, 0x200, 'Ntfx'],
        [0x300, 0x200, 'Ntf*', CensusPart.free],
        [0x500, 0xb00, 'Irp ', CensusPart.allocated, CensusFlag.damaged],
      ],
    },
    { at: 2, parts: [[0, 0x1200, 'Pool']] },
    {
      at: 3,
      parts: [
        [0, 0x200, 'Pool', CensusPart.allocated, CensusFlag.continued],
        [0x200, 0xe00, '', CensusPart.damage],
      ],
    },
  ]);

  function found(typed: string) {
    const fits = partTest(data, parseQuery(typed))!;
    const pages: number[] = [];
    const run = countFound(data, fits, (page) => pages.push(page));
    for (let step = run.next(); ; step = run.next())
      if (step.done === true) return { ...step.value, pages: [...new Set(pages)] };
  }

  it.each([
    ['Irp', 2, 0xc00, [0]],
    ['Ntf?', 2, 0x400, [0]],
    ['N*', 2, 0x400, [0]],
    // A letter of a pattern stands for itself.
    ['Ntf\\', 0, 0, []],
    ['irp', 0, 0, []],
    ['request', 2, 0xc00, [0]],
    ['owner: I/O', 2, 0xc00, [0]],
    ['0x200', 2, 0x400, [0]],
    ['size 1000-2000', 1, 0x1200, [1]],
    // One allocation is one, on however many pages.
    ['Pool', 1, 0x1200, [1, 2]],
    ['damage', 2, 0x1900, [0, 2]],
  ])('%s', (typed, parts, bytes, pages) => {
    expect(found(typed)).toEqual({ parts, bytes, pages });
  });

  it('is nothing for an address', () => {
    expect(partTest(data, parseQuery('fffffa8001a1b000'))).toBeUndefined();
  });
});
