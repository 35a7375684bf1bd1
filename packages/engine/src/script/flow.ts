import { DebuggerError } from '../base/index.ts';
import { type Console, endLine, type Step, takeExpression, tick } from '../commands/index.ts';
import { isTrue } from './condition.ts';
import { runForEach } from './for-each.ts';
import type { BlockRunner, Exit, Frame } from './frame.ts';
import { replaceAliases } from './replace-aliases.ts';
import type { Branch, Flow } from './statement.ts';
import { syntaxError } from './syntax.ts';

type FlowRun = Generator<Step, Exit>;
type Loop = Extract<Flow, { kind: 'while' | 'do' | 'for' }>;

/** Runs control flow. Each turn of a loop is at least one step, so that one without end can be stopped. */
export function runFlow(
  runner: BlockRunner,
  console: Console,
  flow: Exclude<Flow, { kind: 'again' }>,
  frame: Frame,
): FlowRun {
  // What is inside of blocks is replaced when it runs.
  const within: Frame = { ...frame, replaced: false };
  switch (flow.kind) {
    case 'if':
      return runIf(runner, console, flow.branches, within);
    case 'while':
    case 'do':
    case 'for':
      return runLoop(runner, console, flow, within);
    case 'foreach':
      return runForEach(runner, console, flow, within);
    case 'block':
      return runner.runBlock(console, flow.body, within);
    case 'catch':
      return runCatch(runner, console, flow.body, within);
    case 'choose':
      return runChoice(runner, console, flow.text, within);
    case 'fixed-alias':
      return setFixedAlias(console, flow.name, flow.value);
    case 'break':
    case 'continue':
    case 'leave':
      return leave(flow.kind, frame);
  }
}

function* runIf(runner: BlockRunner, console: Console, branches: readonly Branch[], frame: Frame): FlowRun {
  for (const { condition, body } of branches) {
    if (condition !== undefined && !isTrue(console, condition)) continue;
    return yield* runner.runBlock(console, body, frame);
  }
  return undefined;
}

function* runLoop(runner: BlockRunner, console: Console, loop: Loop, frame: Frame): FlowRun {
  const inner: Frame = { ...frame, inLoop: true };
  const head: Frame = { ...frame, inLoop: false, inCatch: false };
  if (loop.kind === 'for') yield* runner.runBlock(console, loop.first, head);
  for (let turn = 0; (turn === 0 && loop.kind === 'do') || goesOn(console, loop.condition); turn++) {
    yield tick;
    const exit = yield* runner.runBlock(console, loop.body, inner);
    if (exit === 'break') return undefined;
    if (exit === 'leave') return exit;
    if (loop.kind === 'for') yield* runner.runBlock(console, loop.step, head);
    if (console.leaving) return undefined;
  }
  return undefined;
}

/** `.for` without a condition goes on until something breaks it. */
const goesOn = (console: Console, condition: string): boolean =>
  condition === '' || isTrue(console, condition);

/** Shows an error and goes on behind the block. */
function* runCatch(runner: BlockRunner, console: Console, body: string, frame: Frame): FlowRun {
  try {
    const exit = yield* runner.runBlock(console, body, { ...frame, inCatch: true });
    return exit === 'leave' ? undefined : exit;
  } catch (error) {
    if (!(error instanceof DebuggerError) || error.code === 'SCRIPT_TOO_DEEP') throw error;
    yield* endLine(console);
    yield { kind: 'error', error };
    return undefined;
  }
}

/** `j EXPRESSION COMMAND ; COMMAND`, each command in single quotes or up to the semicolon. */
function* runChoice(runner: BlockRunner, console: Console, text: string, frame: Frame): FlowRun {
  const { value, rest } = takeExpression(console, replaceAliases(console, text));
  const match = /^\s*(?:'([^']*)'|([^;]*))\s*(?:;\s*(?:'([^']*)'|([^;]*)))?/.exec(rest)!;
  const [, quotedFirst, first, quotedSecond, second] = match;
  const chosen = value !== 0n ? (quotedFirst ?? first) : (quotedSecond ?? second);
  return yield* runner.runBlock(console, chosen ?? '', { ...frame, replaced: true, newlines: false });
}

// oxlint-disable-next-line eslint/require-yield -- A statement like others, which takes no time.
function* setFixedAlias(console: Console, name: string, value: string): FlowRun {
  console.fixedAliases.set(name, replaceAliases(console, value));
  return undefined;
}

// oxlint-disable-next-line eslint/require-yield -- A statement like others, which takes no time.
function* leave(kind: 'break' | 'continue' | 'leave', { inLoop, inCatch }: Frame): FlowRun {
  if (kind === 'leave' ? !inCatch : !inLoop)
    throw syntaxError(`.${kind} stands outside of ${kind === 'leave' ? '.catch' : 'a loop'}`);
  return kind;
}
