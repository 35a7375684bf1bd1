import { DebuggerError, type Va } from '../base/index.ts';
import {
  type LookasideReport,
  type LookasideTotals,
  type ReportedLookaside,
  reportLookasides,
  tagText,
  unlistedLookaside,
} from '../pool/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, type CommandRun, usageError } from './command.ts';
import type { Console } from './console.ts';
import { takeExpression } from './evaluate-in.ts';
import { noteLines } from './note-lines.ts';
import { type Line, plain, span } from './output.ts';
import { withProgress } from './pool-argument.ts';
import { shownTag } from './pool-block-lines.ts';
import { poolKernelOf } from './session-lines.ts';

export const lookasideCommand: Command = {
  names: ['!lookaside'],
  usage: '[ADDR [0]] | -all',
  summary: 'show lookaside lists: how many entries they keep, and how often they served',
  group: 'pool',
  details: [
    'Without ADDR those that the system keeps for its own structures; -all shows those of processors, of pool blocks and of',
    'drivers too. Max Depth is how many entries a list keeps at this moment. Nothing can be reset or changed: a dump is only',
    'read.',
  ],
  examples: ['!lookaside', '!lookaside -all', '!lookaside nt!IopSmallIrpLookasideList'],
  *run(console, args): CommandRun {
    const { address, all } = readArguments(console, args);
    const options = address === undefined ? { all } : { address };
    const { kernel, text } = poolKernelOf(console);
    const data = yield* withProgress(reportLookasides(kernel, options), 'reading lookaside lists');
    const [only] = data.lists;
    if (address !== undefined && (only === undefined || only.depth === undefined))
      throw new DebuggerError(
        'MEMORY_UNREADABLE',
        `the lookaside list at ${console.system.plainText(address)} cannot be read`,
      );
    const what = address === undefined ? `{ all: ${all} }` : `{ address: ${bigHex(address)} }`;
    const call = `engine.runToEnd(engine.reportLookasides(${text}, ${what}))`;
    return { data, lines: render(console, data, address === undefined), call };
  },
};

function readArguments(
  console: Console,
  args: string,
): { readonly address: Va | undefined; readonly all: boolean } {
  if (args === '' || args === '-all') return { address: undefined, all: args === '-all' };
  const { value, rest } = takeExpression(console, args);
  if (value === 0n && (rest === '' || rest === '-all')) return { address: undefined, all: rest === '-all' };
  const option = rest === '' ? 0n : takeExpression(console, rest).value;
  if (option === 1n || option === 2n)
    throw new DebuggerError(
      'COMMAND_NOT_HERE',
      'counters and depths of lookaside lists cannot be changed: dumps are only read',
    );
  if (option !== 0n) throw usageError(lookasideCommand, `there is no option '${rest.slice(0, 40)}'`);
  return { address: value, all: false };
}

function render(console: Console, { lists, totals, missing }: LookasideReport, isList: boolean): Line[] {
  // The kernel does not use what it did not set up.
  const unused = isList ? lists.filter(({ size }) => size === 0).length : 0;
  const absent = isList ? lists.filter(isAbsent).length : 0;
  const shown = isList ? lists.filter((list) => list.size !== 0 && !isAbsent(list)) : lists;
  return [
    ...shown.flatMap((list) => [...listLines(console, list), []]),
    ...(isList && shown.length > 0 ? totalLines(totals) : []),
    ...(lists.length === 0
      ? [[span('No lookaside list of the system was found; -all shows those of processors.', 'warning')]]
      : []),
    ...(absent === 0 ? [] : [[span(`${absent} of ${lists.length} lists are not in this dump.`, 'warning')]]),
    ...(unused === 0 ? [] : [[span(`${unused} lists that were never set up are not shown.`, 'dim')]]),
    ...missing.flatMap((why) => noteLines(`Lists may be lacking: ${why}.`)),
  ];
}

const isAbsent = ({ depth, tag, size }: ReportedLookaside): boolean =>
  depth === undefined && tag === undefined && size === undefined;

function listLines(console: Console, list: ReportedLookaside): Line[] {
  const { place, name = '', tag, size, maximum, allocations, frees } = list;
  const at = console.system.plainText(place.address);
  const tagPart =
    tag === undefined ? '????????' : `${tag.toString(16).padStart(8, '0')} "${shownTag(tagText(tag))}"`;
  const from = place.from === unlistedLookaside ? 'no known list; read because asked for' : place.from;
  const where = place.processor === undefined ? from : `${from}, processor ${place.processor}`;
  const potential = size === undefined || maximum === undefined ? undefined : size * maximum;
  return [
    [
      'Lookaside "',
      span(name, 'symbol'),
      '" @ 0x',
      span(at, 'address', `!lookaside ${at}`),
      `  Tag(hex): 0x${tagPart}`,
      span(`  ${where}`, 'dim'),
    ],
    [`    Type           =       ${typeText(list.poolType)}`],
    row('Current Depth', list.depth, 'Max Depth', maximum),
    row('Size', size, 'Max Alloc', potential),
    row('AllocateMisses', allocations?.misses, 'FreeMisses', frees?.misses),
    row('TotalAllocates', allocations?.total, 'TotalFrees', frees?.total),
    [`    Hit Rate       = ${rate(allocations)} Hit Rate   = ${rate(frees)}`],
    ...remarks(console, list),
  ];
}

const unknown = '?';
const number = (value: number | undefined): string => (value?.toString() ?? unknown).padStart(10);

const row = (left: string, first: number | undefined, right: string, second: number | undefined): Line => [
  `    ${left.padEnd(14)} = ${number(first)}  ${right.padEnd(10)} = ${number(second)}`,
];

/** Of a hundred requests, how many the list served; rounded down. */
const rate = (served: ReportedLookaside['allocations']): string =>
  (served === undefined
    ? unknown
    : `${served.total === 0 ? 0 : Math.floor((100 * Math.max(0, served.total - served.misses)) / served.total)}%`
  ).padStart(11);

/** Kinds of pool by the low bits of POOL_TYPE, and the flags that may be beside them. */
const kinds: ReadonlyMap<number, string> = new Map([
  [0, 'NonPagedPool'],
  [1, 'PagedPool'],
  [4, 'NonPagedPoolCacheAligned'],
  [5, 'PagedPoolCacheAligned'],
  [0x20, 'NonPagedPoolSession'],
  [0x21, 'PagedPoolSession'],
  [0x200, 'NonPagedPoolNx'],
  [0x204, 'NonPagedPoolNxCacheAligned'],
]);
const raises = 0x10;
const failsQuota = 0x08;

function typeText(type: number | undefined): string {
  if (type === undefined) return '????';
  const flags = [
    ...((type & raises) === 0 ? [] : ['RaiseIfAllocationFailure']),
    ...((type & failsQuota) === 0 ? [] : ['QuotaFailInsteadOfRaise']),
  ];
  const kind = kinds.get(type & ~(raises | failsQuota)) ?? '';
  return `${type.toString(16).padStart(4, '0')}  ${[kind, ...flags].join(' ')}`.trimEnd();
}

/** Our own: what is wrong with the list, and what cannot be read of it. */
function remarks({ system }: Console, { depth, entries, damage, cut, missing }: ReportedLookaside): Line[] {
  const links = damage.map(({ rule, at, found }) =>
    rule === 'circle'
      ? `its entries run in a circle behind ${system.plainText(at)}`
      : `the link at ${system.plainText(at)} leads to ${found === undefined ? unknown : system.plainText(found)}, where no entry is`,
  );
  const counted =
    depth === undefined || depth === entries || cut !== undefined
      ? []
      : [`it counts ${depth} entries, and its links lead to ${entries}`];
  return [
    ...[...links, ...counted].map((text): Line => [span(`    Damaged: ${text}.`, 'bad')]),
    ...(cut === undefined || damage.length > 0 ? [] : [[span(`    Its entries: ${cut}.`, 'warning')]]),
    ...missing.map((why): Line => [span(`    ${why}.`, 'dim')]),
  ];
}

const totalLines = ({
  nonPagedNow,
  nonPagedPotential,
  pagedNow,
  pagedPotential,
}: LookasideTotals): Line[] => {
  const line = (text: string, value: bigint): string => `${text.padEnd(51)}= ${value.toString().padStart(8)}`;
  return plain(
    line('Total NonPaged currently allocated for above lists', nonPagedNow),
    line('Total NonPaged potential for above lists', nonPagedPotential),
    line('Total Paged currently allocated for above lists', pagedNow),
    line('Total Paged potential for above lists', pagedPotential),
  );
};
