import { type HeapBlock, type HeapRange, type HeapReport, heapText, toldSize } from '../pool/index.ts';
import type { Console } from './console.ts';
import { shownHeapTag } from './heap-block-lines.ts';
import { loneText } from './heap-place-lines.ts';
import { noteLines } from './note-lines.ts';
import { type Line, type Span, span } from './output.ts';
import { shownTag } from './pool-block-lines.ts';

const row = (label: string, ...text: Line): Line => [`${label}:`.padEnd(16), ...text];

const kinds: Readonly<Record<HeapRange['kind'], string>> = {
  vs: 'VS subsegment',
  lfh: 'LFH subsegment',
  range: 'pages of one allocation',
  free: 'free pages',
  header: 'header of the segment',
  unknown: 'pages without a descriptor that can be read',
  large: 'large allocation',
};

/** `!heap -x`: an address from the heap down to the block. The layout is our own. */
export function heapRowLines(console: Console, report: HeapReport): Line[] {
  const { page, address } = report;
  const { plainText } = console.system;
  if (page.keyFrom !== undefined)
    return [
      row('Address', plainText(address)),
      ...(report.block === undefined ? noBlock(report) : blockRows(console, report, report.block)),
      ...noteLines(loneText(page.keyFrom), 'warning'),
    ];
  if (page.range === undefined)
    return noteLines(
      `${plainText(address)} is in no heap that is known: ${page.why ?? 'no heap has it'}.`,
      'warning',
    );
  const { heap, segment } = page.range;
  const link = (va: bigint, command: string): Span =>
    span(plainText(va), 'address', `${command} ${plainText(va)}`);
  return [
    row('Address', plainText(address)),
    row('Heap', link(heap.address, '!heap -a'), `  ${heapText(heap)}`, span(`  ${heap.from}`, 'dim')),
    ...(segment === undefined
      ? []
      : [
          row(
            'Segment',
            link(segment.address, 'dq'),
            `  SegContexts[${segment.context}], units of ${(2 ** segment.unitShift).toString(16)} bytes`,
            span(`  ${segment.from}`, 'dim'),
          ),
        ]),
    ...rangeRows(console, page.range),
    ...(report.block === undefined ? noBlock(report) : blockRows(console, report, report.block)),
    ...(page.problems.length === 0
      ? []
      : [
          row(
            'Damage',
            span(`${page.problems.length} on this page: !poolval ${plainText(page.address)}`, 'bad'),
          ),
        ]),
  ];
}

function rangeRows(
  { system }: Console,
  { kind, start, end, descriptor, flags, unitCount }: HeapRange,
): Line[] {
  const { plainText } = system;
  const units = unitCount === undefined ? '' : `, ${unitCount} ${unitCount === 1 ? 'unit' : 'units'}`;
  const bits = flags === undefined ? '' : `, flags ${flags.toString(16)}`;
  return [
    row('Range', `${plainText(start)} - ${plainText(end)}  ${kinds[kind]}`),
    ...(descriptor === undefined ? [] : [row('Descriptor', `${plainText(descriptor)}${units}${bits}`)]),
  ];
}

function noBlock({ page }: HeapReport): Line[] {
  if (page.range?.kind === 'free') return [];
  const why = page.range === undefined ? undefined : page.why;
  return [row('Block', span(why ?? 'the address is in none', 'warning'))];
}

const states: Readonly<Record<HeapBlock['state'], string>> = {
  allocated: 'in use',
  free: 'free',
  cached: 'freed, and kept',
  unknown: 'free or in use',
};

function blockRows({ system }: Console, { big }: HeapReport, block: HeapBlock): Line[] {
  const { plainText } = system;
  const { chunk, slot, data, requested, state, cachedIn, address } = block;
  const tag = big?.found === undefined ? shownHeapTag(block) : shownTag(big.found.tag);
  const kept = cachedIn === undefined ? '' : ` in ${cachedIn}`;
  const at = span(plainText(address), 'address', `!pool ${plainText(address)}`);
  return [
    ...(chunk === undefined
      ? []
      : [
          row(
            'Chunk',
            `${plainText(chunk.address)}  size ${chunk.size.toString(16)}, previous size ${chunk.previousSize.toString(16)}, allocated ${chunk.allocated.toString(16)}`,
          ),
        ]),
    ...(slot === undefined ? [] : [row('Slot', `${slot}`)]),
    row(
      'Block',
      at,
      `  size ${toldSize(block).toString(16)}, ${states[state]}${kept}${state === 'free' ? '' : `, tag ${tag}`}`,
    ),
    ...(data === undefined
      ? []
      : [
          row(
            "User's bytes",
            `${plainText(data)}${requested === undefined ? '' : `, ${requested.toString(16)} were asked for`}`,
          ),
        ]),
  ];
}
