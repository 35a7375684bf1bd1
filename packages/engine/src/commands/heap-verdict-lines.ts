import type { HeapReport } from '../pool/index.ts';
import type { Console } from './console.ts';
import { heapAnalysisLines } from './heap-analysis-lines.ts';
import { heapBlockLine } from './heap-block-lines.ts';
import { heapPlaceLines } from './heap-place-lines.ts';
import { type Line, span } from './output.ts';

/** What `!poolval` says of a page of a heap. */
export function heapVerdictLines(console: Console, report: HeapReport, level: number): Line[] {
  const { page } = report;
  const at = console.system.plainText(page.address);
  const blocks =
    level === 0 ? [] : [[], ...page.blocks.map((block) => blockLineOf(console, report, block, level))];
  const damage = page.problems.length === 0 ? [] : [[], ...heapAnalysisLines(console, page)];
  return [
    [`Pool page [ ${at} ] `, ...verdictOf(console, report)],
    ...blocks,
    ...damage,
    ...heapPlaceLines(console, report),
  ];
}

function blockLineOf(
  console: Console,
  report: HeapReport,
  block: HeapReport['page']['blocks'][number],
  level: number,
): Line {
  const line = heapBlockLine(console, block, block === report.block);
  const { header } = block;
  if (level < 2 || header === undefined) return line;
  return [...line, `  index ${header.index.toString(16)} type ${header.type.toString(16)}`];
}

function verdictOf({ system }: Console, { page, block }: HeapReport): Line {
  if (page.verdict === 'damaged') return ['is ', span('INVALID', 'bad'), '.'];
  if (page.range?.kind === 'free') return ['is in free pages of a segment.'];
  if (block !== undefined && block.data === block.address)
    return [`is part of an allocation of 0x${block.size.toString(16)} bytes, which has no headers.`];
  switch (page.verdict) {
    case 'whole':
      return ['is ', span('VALID', 'good'), '.'];
    case 'incomplete':
      return [span('agrees as far as it is in this dump.', 'warning')];
    case 'missing':
      return [`could not be read: ${system.target.whyUnreadable(page.address) ?? 'not in this dump'}.`];
    case 'unrecognized':
      return [span(`cannot be told: ${page.why ?? 'no header of it makes sense'}.`, 'warning')];
  }
}
