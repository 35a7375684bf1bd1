import type { HeapReport } from '../pool/index.ts';
import type { Console } from './console.ts';
import { noteLines } from './note-lines.ts';
import { type Line, span } from './output.ts';
import { shownTag } from './pool-block-lines.ts';

/** Reasons that are shown; the data has all. */
const mostReasons = 4;

/** What every command of the pool says where heaps cannot be walked as a whole. */
export function heapNotes(missing: readonly string[]): Line[] {
  const shown = missing
    .slice(0, mostReasons)
    .flatMap((why) => noteLines(`Not all of the heaps could be read: ${why}.`, 'warning'));
  const more = missing.length - mostReasons;
  return more > 0 ? [...shown, ...noteLines(`And for ${more} more reasons.`, 'warning')] : shown;
}

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
    ...candidateRows(system, address, candidates),
  ];
}

/** What looks like headers outside of the blocks that are known by their chunks. */
export const otherCandidateLines = ({ system }: Console, { address, candidates }: HeapReport): Line[] =>
  candidates === undefined || candidates.length === 0
    ? []
    : [
        ['Other places that look like headers of blocks in use; they may be left over, or accidents:'],
        ...candidateRows(system, address, candidates),
      ];

const candidateRows = (
  system: Console['system'],
  address: HeapReport['address'],
  candidates: NonNullable<HeapReport['candidates']>,
): Line[] =>
  candidates.map(({ address: at, size, tag }): Line => {
    const holds = address >= at && address < at + BigInt(size);
    const text = system.plainText(at);
    return [
      holds ? '?' : ' ',
      span(text, 'address', `db ${text}`),
      ` size: ${size.toString(16).padStart(4)}  (candidate) ${shownTag(tag)}`,
    ];
  });
