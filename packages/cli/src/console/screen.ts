import { type Line, lineText } from '@poolscope/engine';
import type { ProgressLine } from '../progress-line.ts';
import { printable, renderLines } from '../render.ts';
import type { LogFile } from './log-file.ts';

/** Where the console writes. */
export interface OutputStream {
  readonly isTTY?: boolean;
  write(text: string): boolean;
  once(event: 'drain', listener: () => void): unknown;
}

export interface ScreenOptions {
  readonly output: OutputStream;
  readonly log: Pick<LogFile, 'write'>;
  readonly progress: ProgressLine;
  readonly color: boolean;
  /** The log could not be written and is closed. */
  readonly onLogLost?: () => void;
}

/** What the user sees: lines on a stream, and the same without colours in the log. */
export class Screen {
  readonly progress: ProgressLine;
  readonly #output: OutputStream;
  readonly #log: Pick<LogFile, 'write'>;
  readonly #color: boolean;
  readonly #onLogLost: (() => void) | undefined;
  #drained: Promise<void> | undefined;

  constructor({ output, log, progress, color, onLogLost }: ScreenOptions) {
    this.#output = output;
    this.#log = log;
    this.progress = progress;
    this.#color = color;
    this.#onLogLost = onLogLost;
  }

  show(lines: readonly Line[]): void {
    if (lines.length === 0) return;
    this.#write(renderLines(lines, this.#output, this.#color));
    this.record(lines.map((line) => `${printable(lineText(line)).trimEnd()}\n`).join(''));
  }

  /** Plain text, line by line. */
  say(text: string): void {
    this.show(text.split('\n').map((line) => [line]));
  }

  /** Text that the user sees already, such as what was typed at the prompt: for the log only. */
  record(text: string): void {
    const problem = this.#log.write(text);
    if (problem === undefined) return;
    this.#onLogLost?.();
    this.show([[{ text: `WARNING: ${problem}`, style: 'warning' }]]);
  }

  /** Resolves when the reader of the output has caught up: what is written waits in memory until then. */
  async drained(): Promise<void> {
    await this.#drained;
  }

  #write(text: string): void {
    this.progress.clear();
    if (this.#output.write(text) || this.#drained !== undefined) return;
    this.#drained = new Promise((resolve) => {
      this.#output.once('drain', () => {
        this.#drained = undefined;
        resolve();
      });
    });
  }
}
