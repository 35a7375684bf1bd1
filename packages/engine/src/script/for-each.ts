import {
  asTyped,
  type Console,
  captureText,
  evaluateIn,
  type Step,
  tick,
  withLocals,
} from '../commands/index.ts';
import type { BlockRunner, Exit, Frame } from './frame.ts';
import { replaceAliases } from './replace-aliases.ts';
import type { Flow } from './statement.ts';
import { syntaxError } from './syntax.ts';

type ForEach = Extract<Flow, { kind: 'foreach' }>;

/** Runs the block once for each word of an output, a text or a file, with the variable standing for it. */
export function* runForEach(
  runner: BlockRunner,
  console: Console,
  flow: ForEach,
  frame: Frame,
): Generator<Step, Exit> {
  const { first, step } = readSkips(console, asTyped(replaceAliases(console, flow.options)));
  const inner: Frame = { ...frame, inLoop: true };
  const text = yield* sourceText(runner, console, flow, frame);
  let index = 0;
  for (const [word] of text.matchAll(/\S+/g)) {
    const turn = index++ - first;
    if (turn < 0 || turn % step !== 0) continue;
    yield tick;
    const locals = new Map([[flow.variable, word]]);
    const exit = yield* withLocals(console, locals, runner.runBlock(console, flow.body, inner));
    if (exit === 'break' || console.leaving) return undefined;
    if (exit === 'leave') return exit;
  }
  return undefined;
}

function* sourceText(
  runner: BlockRunner,
  console: Console,
  { from, source }: ForEach,
  frame: Frame,
): Generator<Step, string> {
  const outside: Frame = { ...frame, inLoop: false, inCatch: false };
  if (from === 'commands') return yield* captureText(console, runner.runBlock(console, source, outside));
  const text = asTyped(replaceAliases(console, source));
  return from === 'text' ? text : console.host.readText(text);
}

interface Skips {
  /** Words before the first that is used. */
  readonly first: number;
  /** From one word that is used to the next. */
  readonly step: number;
}

/** `/pS N` and `/ps N`: words to pass over at the beginning, and after each that was used. */
function readSkips(console: Console, options: string): Skips {
  const counts = new Map<string, number>();
  const rest = options.replace(/\/(pS|ps)\s*([^\s/]+)/g, (_, name: string, count: string) => {
    counts.set(name, Number(evaluateIn(console, count) & 0x7fff_ffffn));
    return '';
  });
  const unknown = rest.replace(/\/[sf](?=\s|$)/g, '').trim();
  if (unknown !== '') throw syntaxError(`.foreach does not know '${unknown.slice(0, 40)}'`);
  return { first: counts.get('pS') ?? 0, step: (counts.get('ps') ?? 0) + 1 };
}
