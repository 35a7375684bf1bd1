import { DebuggerError } from '../base/index.ts';
import {
  asTyped,
  type CommandResult,
  type CommandRun,
  type Console,
  endLine,
  findCommandOf,
  holdsData,
  linesStep,
  type RunOptions,
  runCommand,
  type Step,
  takeLines,
  tick,
} from '../commands/index.ts';
import { isTrue } from './condition.ts';
import { runFlow } from './flow.ts';
import { type BlockRunner, type Exit, type Frame, outerFrame } from './frame.ts';
import { readStatement } from './read-statement.ts';
import { replaceInCommand } from './replace-aliases.ts';
import type { PlacedStatement } from './statement.ts';

/** Texts, blocks and aliases in each other: a bound on scripts that run themselves, well below that of the stack. */
const maxDepth = 64;

const nothing: CommandResult = { data: null, lines: [] };

/** Runs texts of commands in one console. */
export class ScriptRunner implements BlockRunner {
  #depth = 0;

  /** Runs all commands of a line or script as a prompt does: an error of one is a step, and the next one runs. */
  *runLine(console: Console, text: string): Generator<Step, readonly CommandResult[]> {
    const results: CommandResult[] = [];
    this.#begin(console);
    yield* this.#outermost(console, text, outerFrame, results);
    return results;
  }

  /** Runs what a prompt takes for one command to its end; its lines are steps. Throws its DebuggerError. */
  *runOne(console: Console, command: string): CommandRun {
    const results: CommandResult[] = [];
    this.#begin(console);
    yield* this.#outermost(console, command, { ...outerFrame, strict: true }, results);
    return { ...(results.at(-1) ?? nothing), lines: [] };
  }

  /**
   * Runs a text for a command that runs others; with `strict` an error ends it and is thrown. A program may call what such a
   * command does without one: then nothing is around the text.
   */
  *runText(
    console: Console,
    text: string,
    { strict = false }: RunOptions = {},
  ): Generator<Step, readonly CommandResult[]> {
    const results: CommandResult[] = [];
    const frame: Frame = { ...outerFrame, strict };
    if (this.#depth === 0) yield* this.#outermost(console, text, frame, results);
    else yield* this.#nested(console, text, frame, results);
    return results;
  }

  runBlock(console: Console, text: string, frame: Frame): Generator<Step, Exit> {
    return this.#nested(console, text, { ...frame, strict: true });
  }

  /** Forgets what a run before left behind that was never ended. */
  #begin(console: Console): void {
    this.#depth = 0;
    console.locals.length = 0;
  }

  /** A text with nothing around it: a line that `.printf` left open ends with it. */
  *#outermost(console: Console, text: string, frame: Frame, results: CommandResult[]): Generator<Step, void> {
    console.openLine = undefined;
    console.leaving = false;
    try {
      yield* this.#nested(console, text, frame, results);
    } catch (error) {
      yield* endLine(console);
      throw error;
    }
    yield* endLine(console);
  }

  *#nested(console: Console, text: string, frame: Frame, results?: CommandResult[]): Generator<Step, Exit> {
    if (this.#depth >= maxDepth)
      throw new DebuggerError('SCRIPT_TOO_DEEP', `scripts and blocks nest more than ${maxDepth} deep`);
    const depth = this.#depth++;
    try {
      return yield* this.#statements(console, text, frame, results);
    } finally {
      this.#depth = depth;
    }
  }

  *#statements(
    console: Console,
    text: string,
    frame: Frame,
    results?: CommandResult[],
  ): Generator<Step, Exit> {
    let lineStart = 0;
    let at = 0;
    while (!console.leaving) {
      const read = yield* this.#guarded(console, frame, readNext(text, at, frame));
      if (read === undefined) return undefined;
      if (text.slice(at, read.start).includes('\n')) lineStart = read.start;
      const exit = yield* this.#guarded(console, frame, this.#statement(console, read, frame, results));
      if (exit === 'break' || exit === 'continue' || exit === 'leave') return exit;
      at = exit === 'again' ? lineStart : read.end;
    }
    return undefined;
  }

  /** Outside of blocks an error is a step, except where going on would mean the same error without end. */
  *#guarded<T>(console: Console, frame: Frame, run: Generator<Step, T>): Generator<Step, T | undefined> {
    if (frame.strict) return yield* run;
    try {
      return yield* run;
    } catch (error) {
      if (!(error instanceof DebuggerError)) throw error;
      if (error.code === 'SCRIPT_TOO_DEEP' && this.#depth > 1) throw error;
      yield* endLine(console);
      yield { kind: 'error', error };
      return undefined;
    }
  }

  *#statement(
    console: Console,
    { statement, text, start }: PlacedStatement,
    frame: Frame,
    results?: CommandResult[],
  ): Generator<Step, Exit | 'again'> {
    if (statement.kind === 'comment') return undefined;
    if (statement.kind === 'flow') {
      results?.push(nothing);
      const { flow } = statement;
      if (flow.kind !== 'again') return yield* runFlow(this, console, flow, frame);
      yield tick;
      return isTrue(console, flow.condition) ? 'again' : undefined;
    }
    const command = frame.replaced ? text : replaceInCommand(console, text, start === 0);
    if (command !== text)
      return yield* this.#nested(console, command, { ...frame, replaced: true, newlines: false }, results);
    const result = yield* withOpenLine(console, runCommand(console, typedText(console, command)));
    results?.push(result);
    yield linesStep(takeLines(console, result.lines, result.continues));
    return undefined;
  }
}

/** A command as it is meant; one that runs others, or keeps them as an alias, still has to tell data from them. */
const typedText = (console: Console, command: string): string =>
  !holdsData(command) || findCommandOf(console, command).command.takesCommands === true
    ? command
    : asTyped(command);

// oxlint-disable-next-line eslint/require-yield -- It reads as the others run, so that errors of both are met in one place.
function* readNext(
  text: string,
  at: number,
  { newlines }: Frame,
): Generator<Step, PlacedStatement | undefined> {
  return readStatement(text, at, { newlines });
}

/** A run whose first lines go on the line that is open. */
function* withOpenLine(console: Console, run: CommandRun): CommandRun {
  try {
    for (;;) {
      const step = run.next();
      if (step.done === true) return step.value;
      const { value } = step;
      yield value.kind === 'lines' ? linesStep(takeLines(console, value.lines)) : value;
    }
  } finally {
    run.return(nothing);
  }
}
