import type { BlockFinding, PoolBlock, PoolPageReport } from '../pool/index.ts';
import type { Console } from './console.ts';
import { type Line, span } from './output.ts';

/** Findings that are shown; the data has all. */
const mostShown = 16;

/** Our own: what the lists of the pool say of the blocks of a page, of the one that was asked for in any case. */
export function listLines(console: Console, { lists, block, page }: PoolPageReport): Line[] {
  if (lists === undefined) return [];
  const states = new Map(page.blocks.map(({ address, state }) => [address, state]));
  const told = lists.findings.filter(({ kind, address }) =>
    kind === 'listed' || (kind === 'unlisted' && states.get(address) === 'cached')
      ? address === block?.address
      : true,
  );
  const hidden = told.length - mostShown;
  return [
    ...told.slice(0, mostShown).map((finding) => lineOf(console, finding, states.get(finding.address))),
    ...(hidden > 0
      ? [[span(`... and ${hidden} more blocks that the lists say otherwise of.`, 'warning')]]
      : []),
    ...(told.some(({ kind }) => kind === 'unlisted') ? gapLine(lists.gaps) : []),
  ];
}

function lineOf(
  { system }: Console,
  { kind, address, on }: BlockFinding,
  state: PoolBlock['state'] | undefined,
): Line {
  const at = system.plainText(address);
  const places = on.map(({ name }) => name).join(' and ');
  switch (kind) {
    case 'listed':
      return [span(`${at} is on ${places}.`, 'dim')];
    case 'unlisted':
      return state === 'free'
        ? [span(`${at} is free by its header, and on no list of free blocks.`, 'warning')]
        : [span(`${at} is put aside, and on no list that is known.`, 'dim')];
    case 'in-use':
      return [span(`${at} is in use by its header, and ${places} leads to it.`, 'bad')];
    case 'wrong-list':
      return [
        span(`${at} is ${state === 'free' ? 'free' : 'put aside'} by its header, and on ${places}.`, 'bad'),
      ];
    case 'no-header':
      return [span(`${places} leads to ${at}, where no block is.`, 'bad')];
  }
}

function gapLine(gaps: readonly string[]): Line[] {
  const [first] = gaps;
  if (first === undefined) return [];
  const more = gaps.length === 1 ? '' : ` (and ${gaps.length - 1} more)`;
  return [[span(`Not all lists could be followed: ${first}${more}.`, 'dim')]];
}
