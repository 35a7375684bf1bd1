import type { DebuggerError } from '../base/index.ts';

/** How a piece of text is meant; the host chooses colours. */
export type Style = 'heading' | 'address' | 'symbol' | 'dim' | 'good' | 'bad' | 'warning';

/** A piece of a line with a style; with `command` it is a link that runs it. */
export interface Span {
  readonly text: string;
  readonly style?: Style;
  /** Console command that a click on the text runs. */
  readonly command?: string;
}

/** A line of a command's answer: texts, plain or with a style. */
export type Line = readonly (string | Span)[];

/** What a command gives: the answer as data, and the same as text in the debugger's layout. */
export interface CommandResult<T = unknown> {
  readonly data: T;
  readonly lines: readonly Line[];
  /**
   * JavaScript that gives this data through the engine's public door: an expression over `session` and `engine` (the
   * module). `explain` shows it, and a test evaluates it. Absent: the command only changes the console.
   */
  readonly call?: string;
  /** The last line is not ended: what is shown next goes on it. */
  readonly continues?: boolean;
}

/** A piece of a line with a style, and the command that a click on it runs. */
export const span = (text: string, style: Style, command?: string): Span =>
  command === undefined ? { text, style } : { text, style, command };

/** Lines of plain text. */
export const plain = (...lines: readonly string[]): Line[] => lines.map((line) => [line]);

/** A line as plain text. */
export const lineText = (line: Line): string =>
  line.map((part) => (typeof part === 'string' ? part : part.text)).join('');

/** An error as the console shows it: what is wrong, and what to do unless that is said already. */
export const errorLines = (error: DebuggerError): Line[] => [
  [span(error.message, 'bad')],
  ...(error.code === 'COMMAND_NOT_HERE' ? [] : [[`  ${error.remedy}`]]),
];
