import { padHex } from '../base/index.ts';
import { type CrashedSystem, type ListedThread, walkThreadStacks } from '../system/index.ts';
import { type Command, type CommandRun, linesStep, progressStep, usageError } from './command.ts';
import type { Console } from './console.ts';
import { type Line, span } from './output.ts';

export const allStacksCommand: Command = {
  names: ['!stacks'],
  usage: '[0 | 1 | 2] [TEXT]',
  summary: 'list the threads of all processes, each with what it is at',
  group: 'stack',
  examples: ['!stacks', '!stacks 2 storfilt'],
  details: [
    '0, the default, leaves out threads whose stacks are paged out, 1 shows them too, 2 shows whole',
    'stacks. TEXT chooses threads with a frame whose name contains it. Ticks is how long a thread has',
    'waited or run. Without symbols only exported wait functions are known by name, so what is shown as',
    'the blocker may be another one.',
  ],
  *run(console, args) {
    const [, level, text = ''] = /^(?:([012])(?:\s+|$))?(.*)$/s.exec(args)!;
    if (/^\d+$/.test(text)) throw usageError(allStacksCommand, `there is no level ${text}`);
    return yield* listStacks(console, Number(level ?? 0), text.trim());
  },
};

/** States of KTHREAD.State as the listing names them. Source: public documentation of the scheduler's states. */
const states = [
  'INITIALIZED',
  'READY',
  'RUNNING',
  'STANDBY',
  'TERMINATED',
  'Blocked',
  'TRANSITION',
  'DEFERREDREADY',
  'GATEWAIT',
  'INSWAPWAIT',
];

function* listStacks({ system }: Console, level: number, text: string): CommandRun {
  const data: ListedThread[] = [];
  yield linesStep([[span(heading(system), 'heading')]]);
  let process: bigint | undefined;
  let threads = 0;
  const walk = walkThreadStacks(system);
  let step = walk.next();
  for (; step.done !== true; step = walk.next()) {
    yield progressStep('reading stacks', ++threads);
    const stack = step.value;
    if (!isChosen(system, stack, level, text)) continue;
    const isNew = data.length === 0 || stack.process !== process;
    process = stack.process;
    data.push(stack);
    yield linesStep([...(isNew ? [processLine(system, stack)] : []), ...threadLines(system, stack, level)]);
  }
  return { data, lines: closingLines(system, threads, step.value), call: stacksCall(level, text) };
}

function stacksCall(level: number, text: string): string {
  const resident = level === 0 ? '.filter(({ isPagedOut }) => isPagedOut !== true)' : '';
  const named = `session.system.symbols.nameOf(ip)?.toLowerCase().includes(${JSON.stringify(text.toLowerCase())})`;
  const chosen = text === '' ? '' : `.filter(({ frames }) => frames.some(({ ip }) => ${named}))`;
  return `[...engine.walkThreadStacks(session.system)]${resident}${chosen}`;
}

function isChosen(
  { symbols }: CrashedSystem,
  { isPagedOut, frames }: ListedThread,
  level: number,
  text: string,
): boolean {
  if (level === 0 && isPagedOut === true) return false;
  const wanted = text.toLowerCase();
  return (
    wanted === '' || frames.some(({ ip }) => symbols.nameOf(ip)?.toLowerCase().includes(wanted) === true)
  );
}

const heading = ({ target }: CrashedSystem): string =>
  `Proc.Thread  ${'.Thread'.padEnd(target.pointerSize * 2)} Ticks   ThreadState Blocker`;

const indent = ' '.repeat(28);

const processLine = (system: CrashedSystem, { process, processName }: ListedThread): Line => [
  `${indent}[${process === undefined ? 'process unknown' : system.plainText(process)} ${processName ?? '?'}]`,
];

function threadLines(system: CrashedSystem, stack: ListedThread, level: number): Line[] {
  const { processId, threadId, thread, ticks, state, frames } = stack;
  const id = (value: bigint | undefined): string => value?.toString(16) ?? '?';
  const ids = `${id(processId).padStart(4)}.${id(threadId).padStart(6, threadId === undefined ? '?' : '0')}`;
  const ticksText = ticks === undefined ? '???????' : padHex(ticks, 7);
  const stateText = state === undefined ? '?' : (states[state] ?? `state ${state}`);
  const head: Line = [
    `${ids}  `,
    span(system.plainText(thread), 'address', `.thread ${system.plainText(thread)}`),
    ` ${ticksText} ${stateText.padEnd(10)} `,
  ];
  if (frames.length === 0) return [[...head, span(noStack(stack), 'dim')]];
  const sites = frames.map(({ ip }) => system.symbols.nameOf(ip) ?? `0x${system.addressText(ip)}`);
  const marks = frames.map(({ trust }) => (trust === 'scan' ? span('  [scan]', 'dim') : ''));
  const shown = level === 2 ? sites.map((_, index) => index) : [blocker(sites)];
  return shown.map((index, row) => [
    ...(row === 0 ? head : [' '.repeat(40)]),
    span(sites[index]!, 'symbol'),
    marks[index]!,
  ]);
}

const noStack = ({ isPagedOut }: ListedThread): string =>
  isPagedOut === true ? 'Stack paged out' : 'registers not known';

/** Functions in which a thread waits: what called them says more. */
const waits = new Set([
  ...[
    'KiSwapContext',
    'KiSwapThread',
    'KiCommitThreadWait',
    'KeWaitForSingleObject',
    'KeWaitForMultipleObjects',
  ],
  ...['KeWaitForMutexObject', 'KeDelayExecutionThread', 'KeRemoveQueue', 'KeRemoveQueueEx', 'KeWaitForGate'],
]);
/** Wait functions lie near the top. */
const waitFrames = 8;

/** The frame that called the outermost wait function near the top; the top frame when none is known by name. */
function blocker(sites: readonly string[]): number {
  const last = sites
    .slice(0, waitFrames)
    .findLastIndex((site) => waits.has(/^nt!(\w+)/.exec(site)?.[1] ?? ''));
  return Math.min(last + 1, sites.length - 1);
}

function closingLines({ structures }: CrashedSystem, threads: number, problems: readonly string[]): Line[] {
  const sentences = problems.map((problem) => `${problem[0]!.toUpperCase()}${problem.slice(1)}.`);
  const layouts = structures.note('_EPROCESS', '_KTHREAD', '_ETHREAD');
  return [
    [`Threads Processed: ${threads}`],
    ...[...sentences, ...(layouts === undefined ? [] : [layouts])].map((text): Line => [span(text, 'dim')]),
  ];
}
