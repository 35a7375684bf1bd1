import type { HeapReport, PoolKind } from '../pool/index.ts';
import type { Console } from './console.ts';
import { type Line, span } from './output.ts';
import { shownTag } from './pool-block-lines.ts';

/** What every command of the pool says of such a kernel. */
export const heapNote = ({ from }: PoolKind): Line => [
  span(`The pool of this kernel is on the segment heap (${from}), which is not walked yet.`, 'warning'),
];

/** A page of a pool on the segment heap: what looks like headers, and no more than that. */
export function heapLines({ system }: Console, { address, pool, candidates }: HeapReport): Line[] {
  const note = [heapNote(pool)];
  if (candidates === undefined) {
    const why = system.target.whyUnreadable(address) ?? 'it reaches into missing memory';
    return [...note, [`Address ${system.plainText(address)} could not be read: ${why}`]];
  }
  if (candidates.length === 0) return [...note, ['Nothing on this page looks like the header of a block.']];
  return [
    ...note,
    ['Places that look like headers of blocks in use; they may be left over, or accidents:'],
    ...candidates.map(({ address: at, size, tag }): Line => {
      const holds = address >= at && address < at + BigInt(size);
      const text = system.plainText(at);
      return [
        holds ? '?' : ' ',
        span(text, 'address', `db ${text}`),
        ` size: ${size.toString(16).padStart(4)}  (candidate) ${shownTag(tag)}`,
      ];
    }),
  ];
}
