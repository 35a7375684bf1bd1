import {
  type PoolUseReport,
  reportPoolUse,
  type TagUse,
  type TrackedTag,
  tagPattern,
} from '../pool/index.ts';
import { type Command, type CommandRun, usageError } from './command.ts';
import type { Console } from './console.ts';
import { takeExpression } from './evaluate-in.ts';
import { noteLines } from './note-lines.ts';
import { type Line, plain, span } from './output.ts';
import { withProgress } from './pool-argument.ts';
import { shownTag } from './pool-block-lines.ts';
import { poolKernelOf } from './session-lines.ts';

const [verbose, byNonPaged, byPaged, ofSession] = [1, 2, 4, 8];
const knownFlags = verbose | byNonPaged | byPaged | ofSession;

export const poolUsed: Command = {
  names: ['!poolused'],
  usage: '[FLAGS [TAG]] | -?',
  summary: 'list pool in use by tag, as the kernel counted it',
  group: 'pool',
  details: [
    'FLAGS: 1 with all allocations and frees, and tags that have nothing now; 2 most nonpaged pool first; 4 most paged pool',
    'first; 8 the pool of the session. In TAG * stands for any number of characters and ? for one; capitals matter.',
    'The counts of all processors are summed. Without symbols the table is found by the debugger data block.',
  ],
  examples: ['!poolused 2', '!poolused 4 Mm*', '!poolused 0 Irp'],
  *run(console, args): CommandRun {
    if (args === '-?')
      return { data: undefined, lines: plain(`!poolused ${poolUsed.usage}`, ...poolUsed.details!) };
    const { flags, tag } = readArguments(console, args);
    const sort = orderOf(flags);
    const pattern = tag === undefined ? undefined : tagPattern(tag);
    if (tag !== undefined && pattern === undefined)
      throw usageError(poolUsed, `'${tag.slice(0, 40)}' has more than the four characters of a tag`);
    const options = { session: (flags & ofSession) !== 0, all: (flags & verbose) !== 0, sort, pattern };
    const { kernel, text } = poolKernelOf(console);
    const data = yield* withProgress(reportPoolUse(kernel, options), 'reading the counts of tags');
    return { data, lines: render(console, data, flags), call: callOf(text, options, tag) };
  },
};

const orderOf = (flags: number): 'nonpaged' | 'paged' | undefined =>
  (flags & byNonPaged) !== 0 ? 'nonpaged' : (flags & byPaged) !== 0 ? 'paged' : undefined;

function readArguments(
  console: Console,
  args: string,
): { readonly flags: number; readonly tag: string | undefined } {
  if (args === '') return { flags: 0, tag: undefined };
  const { value, rest } = takeExpression(console, args);
  if (value > BigInt(knownFlags)) throw usageError(poolUsed, `there are no flags ${value.toString(16)}`);
  const flags = Number(value);
  if ((flags & byNonPaged) !== 0 && (flags & byPaged) !== 0)
    throw usageError(poolUsed, 'it can be sorted by nonpaged or by paged pool, not by both');
  const tag = /^(["'])(.*)\1$/.exec(rest)?.[2] ?? rest;
  return { flags, tag: tag === '' ? undefined : tag };
}

function callOf(
  kernel: string,
  {
    session,
    all,
    sort,
  }: { readonly session: boolean; readonly all: boolean; readonly sort: string | undefined },
  tag: string | undefined,
): string {
  const parts = [
    ...(session ? ['session: true'] : []),
    ...(all ? ['all: true'] : []),
    ...(sort === undefined ? [] : [`sort: '${sort}'`]),
    ...(tag === undefined ? [] : [`pattern: engine.tagPattern(${JSON.stringify(tag)})`]),
  ];
  return `engine.runToEnd(engine.reportPoolUse(${kernel}, { ${parts.join(', ')} }))`.replace('{  }', '{}');
}

const sorting = (flags: number): string =>
  (flags & byNonPaged) !== 0
    ? 'NonPaged Pool Consumed'
    : (flags & byPaged) !== 0
      ? 'Paged Pool Consumed'
      : 'Tag';

function render(console: Console, { tags, total, from, missing }: PoolUseReport, flags: number): Line[] {
  if (from === undefined)
    return noteLines(`The counts of tags are not known: ${missing.join('; ')}.`, 'warning');
  const row = (flags & verbose) === 0 ? shortRow : longRow;
  const session = (flags & ofSession) === 0 ? '' : 'Session ';
  return [
    [`   Sorting by  ${sorting(flags)}`],
    [],
    [`  ${session}Pool Used:`],
    ...plain(...((flags & verbose) === 0 ? shortHeading : longHeading)),
    ...tags.map(
      (each): Line => [` ${shownTag(each.tag)}`, row(each.nonPaged, each.paged), ...owner(console, each)],
    ),
    [' TOTAL   ', row(total.nonPaged, total.paged)],
    [span(`By ${from}.`, 'dim')],
    ...missing.flatMap((why) => noteLines(`Not all was counted: ${why}.`, 'warning')),
  ];
}

const shortHeading = ['            NonPaged            Paged', ' Tag    Allocs     Used    Allocs     Used'];
const longHeading = [
  '            NonPaged                              Paged',
  ' Tag    Allocs    Frees     Diff     Used    Allocs    Frees     Diff     Used',
];

const cell = (value: bigint): string => ` ${value.toString().padStart(8)}`;
const shortRow = (nonPaged: TagUse, paged: TagUse): string =>
  `${cell(nonPaged.outstanding)}${cell(nonPaged.bytes)} ${cell(paged.outstanding)}${cell(paged.bytes)}`;
const longRow = (nonPaged: TagUse, paged: TagUse): string => `${longCells(nonPaged)} ${longCells(paged)}`;
const longCells = ({ allocations, frees, outstanding, bytes }: TagUse): string =>
  [allocations, frees, outstanding, bytes].map(cell).join('');

/** Whose tag it is, behind a tab as in the debugger. */
function owner({ poolTags }: Console, { tag }: TrackedTag): Line {
  const known = poolTags.find(tag);
  if (known === undefined) return [`\tUNKNOWN pooltag '${shownTag(tag)}', please update pooltag.txt`];
  const binary = known.binary === undefined ? '' : ` , Binary: ${known.binary}`;
  return [`\t${known.description}${binary}`];
}
