import { type HeapRange, type HeapSurvey, heapText, type SurveyedRange } from '../pool/index.ts';
import type { Console } from './console.ts';
import { brokenLinkLines } from './heap-link-lines.ts';
import { noteLines } from './note-lines.ts';
import { type Line, plain, span } from './output.ts';
import { heapNotes } from './pool-heap-lines.ts';
import { sizeText } from './size-text.ts';

/** Ranges that are shown; the data has more. */
const mostShown = 4096;

/** `!heap -a`: what a heap holds. The layout is our own: the debugger's is about heaps of programs. */
export function heapSurveyLines(console: Console, survey: HeapSurvey): Line[] {
  const { summary, walked, ranges, missing, cut } = survey;
  const { heap, reserved, committed } = summary;
  const at = console.system.plainText(heap.address);
  const shown = ranges.filter(({ range: { kind } }) => kind !== 'header');
  return [
    [`Segment heap ${at}  `, span(heapText(heap), 'heading'), span(`  ${heap.from}`, 'dim')],
    ...plain(
      `  Reserved ${bytes(reserved)}, committed ${bytes(committed)}, ${walked.segments} ${walked.segments === 1 ? 'segment' : 'segments'}`,
    ),
    ...lfhLines(survey),
    [],
    [span(heading(console), 'heading')],
    ...shown.slice(0, mostShown).map((each) => rangeLine(console, each)),
    ...(shown.length > mostShown ? [[`... and ${shown.length - mostShown} more ranges`]] : []),
    ...brokenLinkLines(console, walked.links),
    [],
    [totalText(survey)],
    ...heapNotes(missing),
    ...(cut === undefined ? [] : noteLines(`Not all was walked: ${cut}.`)),
  ];
}

const bytes = (size: bigint | undefined): string => (size === undefined ? '??' : sizeText(size));

/** Sizes that the LFH serves, and those that it may come to serve. */
function lfhLines({ lfh }: HeapSurvey): Line[] {
  if (typeof lfh === 'string') return noteLines(`  Sizes of the LFH are not known: ${lfh}.`);
  const live = lfh.buckets.filter(({ state }) => state === 'live');
  const sizes = live.map(({ blockSize, index }) => blockSize?.toString(16) ?? `bucket ${index}`);
  const most = lfh.largest === undefined ? '' : `, of at most ${lfh.largest.toString(16)}`;
  return noteLines(
    `  The LFH serves ${sizes.length === 0 ? 'no size yet' : `blocks of ${sizes.join(' ')}`}${most}.`,
  );
}

const kinds: Readonly<Record<HeapRange['kind'], string>> = {
  vs: 'VS',
  lfh: 'LFH',
  range: 'pages',
  free: 'free',
  header: 'header',
  unknown: '????',
  large: 'large',
};

const heading = ({ system }: Console): string => {
  const width = system.target.pointerSize * 2;
  return `  ${'Start'.padEnd(width)}  ${'End'.padEnd(width)}  ${'Kind'.padEnd(6)}${'In use'.padStart(7)}${'Free'.padStart(7)}${'Kept'.padStart(7)}`;
};

function rangeLine({ system }: Console, { range, blocks, damagedPages }: SurveyedRange): Line {
  const { kind, start, end } = range;
  const at = system.plainText(start);
  const counts = [blocks.allocated, blocks.free, blocks.cached];
  const hasBlocks = kind === 'vs' || kind === 'lfh';
  const cells = hasBlocks ? counts.map((count) => String(count).padStart(7)).join('') : '';
  const unknown = blocks.unknown === 0 ? '' : `  ${blocks.unknown} of which nothing tells`;
  const damage = damagedPages + (range.problems.length > 0 && damagedPages === 0 ? 1 : 0);
  return [
    '  ',
    span(at, 'address', `!pool ${at}`),
    `  ${system.plainText(end)}  ${kinds[kind].padEnd(6)}${cells}${unknown}`,
    ...(damage === 0 ? [] : [span(`  ${damage} damaged`, 'bad')]),
  ];
}

function totalText({ walked, ranges }: HeapSurvey): string {
  const { pages, bytes: seen } = walked;
  const sum = (state: 'allocated' | 'free' | 'cached'): number =>
    ranges.reduce((count, { blocks }) => count + blocks[state], 0);
  const none = walked.links.length === 0 ? 'none damaged' : 'no page damaged';
  const damaged = pages.damaged === 0 ? none : `${pages.damaged} damaged`;
  return `${sum('allocated')} blocks in use, ${sum('free')} free, ${sum('cached')} kept; ${sizeText(BigInt(seen))} of small blocks in the dump, ${damaged}.`;
}
