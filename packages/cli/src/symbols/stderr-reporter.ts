import { ProgressLine, percent } from '../progress-line.ts';
import { printable } from '../render.ts';
import type { Reporter } from './reporter.ts';

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Tells the user on stderr what is fetched, and once what cannot be used. */
export class StderrReporter implements Reporter {
  readonly #output: Output;
  readonly #line: ProgressLine;
  readonly #told = new Set<string>();

  constructor(output: Output = process.stderr) {
    this.#output = output;
    this.#line = new ProgressLine(output);
  }

  progress(what: string, done: number, total: number | undefined): void {
    const amount = total === undefined ? sizeText(done) : percent(done, total);
    this.#line.show(`fetching ${printable(what)}`, amount);
  }

  fetched(what: string, bytes: number, from: string): void {
    this.say(`fetched ${what} (${sizeText(bytes)}) from ${from}`);
  }

  problem(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.say(text);
  }

  /** A line under the program's name. */
  say(text: string): void {
    this.#line.clear();
    this.#output.write(`poolscope: ${printable(text)}\n`);
  }

  /** Ends a line of progress that was left by a download that failed. */
  clear(): void {
    this.#line.clear();
  }
}

const sizeText = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
