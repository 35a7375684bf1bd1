import { DebuggerError } from '../base/index.ts';
import {
  type CommandResult,
  type CommandRun,
  type Console,
  linesStep,
  runCommand,
  type Step,
} from '../commands/index.ts';
import { cutCommand } from './cut.ts';

/** Texts that run texts: a bound on scripts that run themselves. */
const maxDepth = 50;

/** Runs texts of commands in one console. */
export class ScriptRunner {
  #depth = 0;

  /** Runs all commands of a text. An error of one is a step; the next one runs all the same. */
  *runText(console: Console, text: string): Generator<Step, readonly CommandResult[]> {
    if (this.#depth >= maxDepth)
      throw new DebuggerError('SCRIPT_TOO_DEEP', `commands nest more than ${maxDepth} deep`);
    this.#depth++;
    try {
      return yield* this.#commandsOf(console, text);
    } finally {
      this.#depth--;
    }
  }

  *#commandsOf(console: Console, text: string): Generator<Step, readonly CommandResult[]> {
    const results: CommandResult[] = [];
    for (let rest = text; rest !== ''; ) {
      const cut = cutCommand(rest);
      rest = cut.rest;
      if (cut.command === '') continue;
      try {
        const result = yield* this.runOne(console, cut.command);
        results.push(result);
        yield linesStep(result.lines);
      } catch (error) {
        if (!(error instanceof DebuggerError)) throw error;
        yield { kind: 'error', error };
      }
    }
    return results;
  }

  /** Runs one command; throws its DebuggerError. */
  *runOne(console: Console, command: string): CommandRun {
    if (command.startsWith('*')) return { data: null, lines: [] };
    return yield* runCommand(console, command);
  }
}
