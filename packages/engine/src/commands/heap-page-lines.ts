import { pageOf } from '../base/index.ts';
import type { HeapBlock, HeapPage, HeapReport } from '../pool/index.ts';
import type { Console } from './console.ts';
import { heapAnalysisLines } from './heap-analysis-lines.ts';
import { heapAllocationLine, heapBlockLine, shownHeapTag } from './heap-block-lines.ts';
import { heapPlaceLines } from './heap-place-lines.ts';
import { type Line, plain, span } from './output.ts';
import { contentLines, ownerLines } from './pool-block-lines.ts';
import { candidateLines, otherCandidateLines } from './pool-heap-lines.ts';
import {
  absentLines,
  holeLines,
  noBigLines,
  notSmall,
  type PoolDisplay,
  regionLine,
} from './pool-page-lines.ts';

/** A page of a pool on the segment heap in the debugger's layout, and behind it what that does not say. */
export function heapPageLines(console: Console, report: HeapReport, display: PoolDisplay): Line[] {
  if (display.bare) return pageLines(console, report, display);
  return [
    regionLine(console, report.address, report.region),
    ...pageLines(console, report, display),
    ...heapPlaceLines(console, report),
  ];
}

function pageLines(console: Console, report: HeapReport, display: PoolDisplay): Line[] {
  const { page, block } = report;
  if (block !== undefined && hasOwnPages(block)) return allocationLines(console, report, block, display);
  if (page.range?.kind === 'free') return freeLines(console, report);
  switch (page.verdict) {
    case 'missing':
      return absentLines(console, report);
    case 'unrecognized':
      return candidateLines(console, report);
    case 'damaged':
      return damagedLines(console, report, display);
    case 'whole':
    case 'incomplete':
      return [
        ...blocksLines(console, report, page.blocks, display),
        ...holeLines(console, page),
        ...(display.onlyBlock ? [] : otherCandidateLines(console, report)),
      ];
  }
}

/** An allocation without a header: its bytes begin where it does, on a page of their own. */
const hasOwnPages = ({ data, address }: HeapBlock): boolean => data === address;

function allocationLines(
  console: Console,
  { big, page }: HeapReport,
  block: HeapBlock,
  display: PoolDisplay,
): Line[] {
  const tag = big?.found?.tag ?? block.tag;
  const damage = page.problems.length === 0 ? [] : [[], ...heapAnalysisLines(console, page)];
  return [
    heapAllocationLine(console, block, big?.found),
    ...(display.bare || tag === undefined ? [] : ownerLines(console, tag)),
    ...damage,
  ];
}

const freeLines = ({ system }: Console, { address, big }: HeapReport): Line[] => [
  ...noBigLines(system.plainText(address), big),
  [`${system.plainText(address)} is not valid pool. Checking for freed (or corrupt) pool`],
  ['It is on pages of a segment that are free.'],
];

function blocksLines(
  console: Console,
  report: HeapReport,
  blocks: readonly HeapBlock[],
  display: PoolDisplay,
): Line[] {
  return blocks.flatMap((block) => {
    const starred = block === report.block;
    if (display.onlyBlock && !starred) return [];
    return [
      heapBlockLine(console, block, starred, report.billed.get(block.address)),
      ...(starred && !display.bare && hasShownTag(block) ? ownerLines(console, shownHeapTag(block)) : []),
      ...(display.contents ? contentLines(console, block) : []),
    ];
  });
}

/** The debugger looks for an owner of a free chunk's bytes too. */
const hasShownTag = ({ tag, state }: HeapBlock): boolean => tag !== undefined || state === 'free';

/** Blocks up to the damage, the trouble, and the blocks behind it. */
function damagedLines(console: Console, report: HeapReport, display: PoolDisplay): Line[] {
  const { page } = report;
  const at = firstDamage(page);
  const before = at === undefined ? page.blocks : page.blocks.filter(({ address }) => address < at);
  const after = page.blocks.slice(before.length);
  const start = console.system.plainText(page.address);
  return [
    ...blocksLines(console, report, before, display),
    ...(at === undefined ? [] : notSmall(console.system.plainText(at))),
    ...plain('***', '*** An error (or corruption) in the pool was detected;', '***', ''),
    [`Pool page [ ${start} ] is `, span('__inVALID', 'bad'), '.'],
    [],
    ...heapAnalysisLines(console, page),
    ...(after.length === 0 ? [] : [[], [span('The rest of the page:', 'heading')]]),
    ...blocksLines(console, report, after, display),
  ];
}

/** Where a walk over the page meets the first thing that is wrong; undefined: it is in structures elsewhere. */
function firstDamage({ address, problems, unexplained }: HeapPage): bigint | undefined {
  const damaged = unexplained.filter(({ reason }) => reason === 'damaged').map(({ start }) => start);
  const places = [...problems.map(({ at }) => at), ...damaged];
  return places
    .filter((at) => pageOf(at) === address)
    .reduce<bigint | undefined>((first, at) => (first === undefined || at < first ? at : first), undefined);
}
