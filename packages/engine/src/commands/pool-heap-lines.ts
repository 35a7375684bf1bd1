import type { HeapReport } from '../pool/index.ts';
import type { Console } from './console.ts';
import { noteLines } from './note-lines.ts';
import { type Line, span } from './output.ts';
import { shownTag } from './pool-block-lines.ts';

/** What every command of the pool says where the heaps cannot be walked. */
export const heapNotes = (missing: readonly string[]): Line[] =>
  missing.flatMap((why) => noteLines(`Not all heaps could be walked: ${why}.`, 'warning'));

/** A page whose blocks cannot be told: what looks like headers, and no more than that. */
export function candidateLines({ system }: Console, { address, page, candidates }: HeapReport): Line[] {
  const note = noteLines(
    `Its blocks cannot be told: ${page.why ?? 'no header of it makes sense'}.`,
    'warning',
  );
  if (candidates === undefined || candidates.length === 0)
    return [
      ...note,
      [
        page.isZeroed
          ? 'The page holds only zeros.'
          : `Nothing on the page of ${system.plainText(address)} looks like the header of a block.`,
      ],
    ];
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
