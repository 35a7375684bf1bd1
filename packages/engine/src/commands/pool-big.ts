import {
  type BigAllocation,
  type BigOrder,
  type BigPageList,
  exactTag,
  fitsTag,
  listBigPages,
  poolText,
  sortBigPages,
  tagPattern,
} from '../pool/index.ts';
import { type Command, type CommandRun, progressStep, usageError } from './command.ts';
import type { Console } from './console.ts';
import { noteLines } from './note-lines.ts';
import { type Line, span } from './output.ts';
import { shownTag } from './pool-block-lines.ts';
import { poolKernelOf } from './session-lines.ts';
import { sizeText } from './size-text.ts';

const orders: readonly BigOrder[] = ['address', 'size', 'tag'];

export const listBigPool: Command = {
  names: ['!poolbig'],
  usage: '[TAG] [-sort address|size|tag]',
  summary: 'list the large allocations of pool, which have pages of their own',
  group: 'pool',
  details: [
    'They are those of nt!PoolBigPageTable; without symbols it is looked for among the variables of nt. TAG as for !poolfind.',
    'The largest come first with -sort size. Allocations of sessions have a table of their own, which is not read.',
  ],
  examples: ['!poolbig', '!poolbig Mm* -sort size', '!poolbig -sort tag'],
  *run(console, args): CommandRun {
    const { text, order } = readArguments(args);
    const tag = text === undefined ? undefined : patternOf(text);
    const { kernel, text: system } = poolKernelOf(console);
    const run = listBigPages(kernel);
    for (;;) {
      const step = run.next();
      if (step.done === true) {
        const data = chosen(step.value, order, tag?.pattern);
        const filter =
          tag === undefined ? '' : `.filter(({ tagValue }) => engine.fitsTag(${tag.call}, tagValue))`;
        const call = `((list) => ({ ...list, allocations: engine.sortBigPages(list.allocations, '${order}')${filter} }))(engine.runToEnd(engine.listBigPages(${system})))`;
        return { data, lines: render(console, data, step.value), call };
      }
      yield progressStep('reading the table of large allocations', step.value);
    }
  },
};

function readArguments(args: string): { readonly text: string | undefined; readonly order: BigOrder } {
  const [, text, sort] = /^(?!-sort\b)("[^"]*"|\S+)?\s*(?:-sort\s+(\w+))?$/.exec(args) ??
    /^()-sort\s+(\w+)$/.exec(args) ?? [undefined, '-', undefined];
  const order = orders.find((each) => each === (sort ?? 'address'));
  if (order === undefined || (text ?? '').startsWith('-'))
    throw usageError(listBigPool, `'${args.slice(0, 40)}' is no tag, and no order to sort by`);
  const bare = text?.replaceAll('"', '');
  return { text: bare === '' ? undefined : bare, order };
}

function patternOf(text: string): { readonly pattern: ReturnType<typeof exactTag>; readonly call: string } {
  if (/^0x[\da-f]{1,8}$/.test(text))
    return { pattern: exactTag(Number(text)), call: `engine.exactTag(${text})` };
  const pattern = tagPattern(text);
  if (pattern === undefined)
    throw usageError(listBigPool, `'${text.slice(0, 40)}' has more than the four characters of a tag`);
  return { pattern, call: `engine.tagPattern(${JSON.stringify(text)})` };
}

const chosen = (
  list: BigPageList,
  order: BigOrder,
  tag: ReturnType<typeof exactTag> | undefined,
): BigPageList => ({
  ...list,
  allocations: sortBigPages(list.allocations, order).filter(
    ({ tagValue }) => tag === undefined || fitsTag(tag, tagValue),
  ),
});

function render(
  console: Console,
  { allocations, table, from, unknown }: BigPageList,
  all: BigPageList,
): Line[] {
  if (table === undefined)
    return noteLines(`The table of large allocations is not known: ${unknown}.`, 'warning');
  const { plainText } = console.system;
  const bytes = allocations.reduce((sum, { size }) => sum + size, 0n);
  const of = all.allocations.length === allocations.length ? '' : ` of ${all.allocations.length}`;
  return [
    [
      `Large allocations, by the table at ${plainText(table.start)} - ${plainText(table.end)}`,
      span(`  ${from}`, 'dim'),
    ],
    ...(allocations.length === 0 ? [] : [[span(heading(console), 'heading')]]),
    ...allocations.slice(0, mostShown).map((each) => row(console, each)),
    ...(allocations.length > mostShown ? [[`... and ${allocations.length - mostShown} more`]] : []),
    [`${allocations.length}${of} allocations, ${sizeText(bytes)}.`],
    ...(unknown === undefined ? [] : noteLines(`Others may be lacking: ${unknown}.`)),
  ];
}

/** More lines than that nobody reads; a tag or an order chooses. */
const mostShown = 10_000;

const addressWidth = ({ system }: Console): number => system.target.pointerSize * 2;

const heading = (console: Console): string =>
  ` ${'Address'.padEnd(addressWidth(console))}  ${'Size'.padStart(10)}  Tag   Pool`;

function row(console: Console, { address, size, tag, pool }: BigAllocation): Line {
  const at = console.system.plainText(address);
  return [
    ' ',
    span(at, 'address', `!pool ${at}`),
    `  ${size.toString(16).padStart(10)}  ${shownTag(tag)}  ${pool === undefined ? '' : poolText(pool)}`.trimEnd(),
  ];
}
