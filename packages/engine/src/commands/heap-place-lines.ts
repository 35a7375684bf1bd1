import { type HeapRange, type HeapReport, heapText } from '../pool/index.ts';
import type { Console } from './console.ts';
import { noteLines } from './note-lines.ts';
import { type Line, span } from './output.ts';

const kinds: Readonly<Record<HeapRange['kind'], string>> = {
  vs: 'VS subsegment',
  lfh: 'LFH subsegment',
  range: 'page range',
  free: 'free page range',
  header: 'segment header',
  unknown: 'pages without a descriptor',
  large: 'large allocation',
};

/** Our own lines behind an answer: the heap, the part of it that the page is in, and what is not known. */
export function heapPlaceLines(console: Console, { page, block, region }: HeapReport): Line[] {
  const { system } = console;
  const kept =
    block?.cachedIn === undefined
      ? []
      : noteLines(`${system.plainText(block.address)} was freed and is kept in ${block.cachedIn}.`);
  // Where blocks cannot be told, the reason was said.
  const why = page.why === undefined || page.verdict === 'unrecognized' ? [] : [page.why];
  if (page.keyFrom !== undefined) return noteLines(loneText(page.keyFrom), 'warning');
  if (page.range === undefined) return why.flatMap((text) => noteLines(`Not walked: ${text}.`));
  const { heap, kind, start, end } = page.range;
  const at = system.plainText(heap.address);
  return [
    ...kept,
    [
      span(`${kinds[kind]} ${system.plainText(start)} - ${system.plainText(end)} of the heap `, 'dim'),
      span(at, 'dim', `!heap -a ${at}`),
      span(` (${heapText(heap)})`, 'dim'),
    ],
    ...noteLines(`Region by ${region.from ?? heap.from}.`),
    ...why.flatMap((text) => noteLines(`Not all can be told: ${text}.`)),
  ];
}

/** Of a page whose heap is not in the dump. */
export const loneText = (from: string): string =>
  `The heap of this page is not in this dump. Its blocks are by chunk headers that decode with the heap key, which is known by ${from}; nothing else of the page was checked, and what was freed since may be among them.`;
