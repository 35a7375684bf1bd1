import type { Console, Step } from '../commands/index.ts';

/** Why a text ended before its end; undefined: it did not. */
export type Exit = 'break' | 'continue' | 'leave' | undefined;

/** What a text of commands stands in. */
export interface Frame {
  /** `.break` and `.continue` mean something. */
  readonly inLoop: boolean;
  /** `.leave` does. */
  readonly inCatch: boolean;
  /** A newline ends a command. Those that come with an alias do not. */
  readonly newlines: boolean;
  /** Aliases were replaced in it already. */
  readonly replaced: boolean;
  /** An error ends it, as in a block. Otherwise the next command runs all the same, as at the prompt. */
  readonly strict: boolean;
}

export const outerFrame: Frame = {
  inLoop: false,
  inCatch: false,
  newlines: true,
  replaced: false,
  strict: false,
};

/** What control flow needs of the runner: running its blocks. */
export interface BlockRunner {
  /** Runs the commands of a block. Throws the first error. */
  runBlock(console: Console, text: string, frame: Frame): Generator<Step, Exit>;
}
