import { type HeapSummary, heapText, type PoolHeap } from '../pool/index.ts';
import type { Console } from './console.ts';
import { type Line, plain, span } from './output.ts';

/** Column of addresses in the debugger's lists of heaps. */
const addressWidth = 20;

function addressCell({ system }: Console, { address }: PoolHeap): Line {
  const text = system.plainText(address);
  return [' '.repeat(Math.max(0, addressWidth - text.length)), span(text, 'address', `!heap -a ${text}`)];
}

/** What a heap is for; those of sessions are found in other ways than the rest. */
const useText = (heap: PoolHeap): string =>
  heap.role === 'session' ? `${heapText(heap)}, by ${heap.from}` : heapText(heap);

/** The list without options. */
export const heapTypeLines = (console: Console, heaps: readonly PoolHeap[]): Line[] => [
  ...plain('        Heap Address      NT/Segment Heap', ''),
  ...heaps.map(
    (heap): Line => [...addressCell(console, heap), '         Segment Heap  ', span(useText(heap), 'dim')],
  ),
];

/**
 * Columns of the debugger's list of segment heaps: their headings from above, and their width. Source: Windows Internals,
 * seventh edition, part 1, chapter 5.
 */
const columns = [
  [['', '', 'Heap Address'], addressWidth],
  [['', '', 'Signature'], 11],
  [['', 'Global', 'Flags'], 8],
  [['Process', 'Heap', 'List Index'], 12],
  [['Total', 'Reserved', 'Bytes (K)'], 12],
  [['Total', 'Committed', 'Bytes (K)'], 12],
] as const;

const headings = [0, 1, 2].map((row) =>
  columns
    .map(([texts, width]) => texts[row]!.padStart(width))
    .join('')
    .trimEnd(),
);

/** A list with what each heap counts of itself. */
export const heapTableLines = (console: Console, heaps: readonly HeapSummary[]): Line[] => [
  ...headings.map((text): Line => [span(text, 'heading')]),
  ...heaps.map(
    (summary): Line => [
      ...addressCell(console, summary.heap),
      cellsOf(summary),
      span(`  ${useText(summary.heap)}`, 'dim'),
    ],
  ),
];

function cellsOf({ heap, globalFlags, listIndex, reserved, committed }: HeapSummary): string {
  const cells = [
    signatures[heap.signature],
    globalFlags?.toString(16),
    listIndex?.toString(),
    kilobytes(reserved),
    kilobytes(committed),
  ];
  return cells.map((cell, index) => (cell ?? '??').padStart(columns[index + 1]![1])).join('');
}

const signatures = { right: 'ddeeddee', wrong: 'wrong', missing: '????????' } as const;

const kilobytes = (bytes: bigint | undefined): string | undefined =>
  bytes === undefined ? undefined : (bytes >> 10n).toString();
