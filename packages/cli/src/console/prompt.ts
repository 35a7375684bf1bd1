import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type Completion, repeatOf } from '@poolscope/engine';
import { tooLong } from './batch.ts';
import type { History } from './history.ts';
import type { Interrupt } from './interrupt.ts';
import { LineLimit } from './line-limit.ts';
import type { Runner } from './runner.ts';
import type { OutputStream, Screen } from './screen.ts';
import { tabResult } from './tab.ts';

/** A terminal as far as a prompt needs it. */
export interface Terminal {
  readonly input: Readable & { setRawMode?(isRaw: boolean): unknown };
  readonly output: OutputStream & NodeJS.WritableStream;
}

export interface PromptOptions extends Terminal {
  readonly runner: Runner;
  readonly screen: Screen;
  readonly interrupt: Interrupt;
  readonly history: History;
  readonly complete: (line: string) => Completion;
  /** Text of the prompt: it may change with the processor. */
  readonly prompt: () => string;
}

/** Characters of one line. */
const longestLine = 4096;

/** The interactive console: lines are read, run and repeated until the user leaves. */
export class Prompt {
  readonly #options: PromptOptions;
  readonly #limit = new LineLimit(longestLine);
  readonly #reader: Interface;
  readonly #waiting: string[] = [];
  #wake: (() => void) | undefined;
  #isClosed = false;
  #last = '';

  constructor(options: PromptOptions) {
    this.#options = options;
    const { input, output, history, complete } = options;
    input.pipe(this.#limit);
    // A terminal that goes away ends the console.
    input.on('error', () => this.#limit.end());
    this.#reader = createInterface({
      input: withRawMode(this.#limit, input),
      output,
      terminal: true,
      history: history.newestFirst,
      historySize: 1000,
      completer: (line: string) => tabResult(line, () => complete(line)),
    });
    this.#reader.on('line', (line) => this.#receive(line));
    this.#reader.on('SIGINT', () => this.#interrupt());
    this.#reader.on('SIGCONT', () => this.#continue());
    this.#reader.on('close', () => this.#receive(undefined));
  }

  /** Resolves when the user has left. */
  async run(): Promise<void> {
    for (let line = await this.#next(); line !== undefined; line = await this.#next()) {
      if ((await this.#runLine(line)) === 'left') break;
    }
    if (this.#isClosed) this.#options.output.write('\n');
    this.#reader.close();
    this.#options.input.unpipe(this.#limit);
    this.#options.input.pause();
  }

  async #runLine(line: string): Promise<string> {
    const { history, screen, runner } = this.#options;
    screen.record(`${this.#options.prompt()}${line}\n`);
    if (line.length >= longestLine) {
      screen.show(tooLong(longestLine));
      return 'done';
    }
    const text = line.trim() === '' ? repeatOf(this.#last) : line;
    this.#last = text;
    history.add(line);
    const outcome = await runner.run(text);
    if (outcome === 'stopped') this.#waiting.length = 0;
    return outcome;
  }

  /** The next line that was typed; undefined at the end. */
  async #next(): Promise<string | undefined> {
    const prompt = this.#options.prompt();
    this.#reader.setPrompt(prompt);
    const ahead = this.#waiting.shift();
    if (ahead !== undefined) {
      this.#options.output.write(`${prompt}${ahead}\n`);
      return ahead;
    }
    if (this.#isClosed) return undefined;
    this.#reader.prompt(true);
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
    return this.#waiting.shift();
  }

  #receive(line: string | undefined): void {
    if (line === undefined) this.#isClosed = true;
    else this.#waiting.push(line);
    this.#wake?.();
  }

  get #isIdle(): boolean {
    return this.#wake !== undefined;
  }

  /** Ctrl-C stops what runs, or throws away what is typed. */
  #interrupt(): void {
    if (this.#options.interrupt.ask()) return;
    const isEmpty = this.#reader.line === '';
    this.#reader.write(null, { ctrl: true, name: 'e' });
    this.#reader.write(null, { ctrl: true, name: 'u' });
    this.#options.output.write(isEmpty ? '^C\nq or Ctrl-D leaves the console.\n' : '^C\n');
    this.#reader.prompt();
  }

  /** After Ctrl-Z and `fg`. */
  #continue(): void {
    if (this.#isIdle) this.#reader.prompt(true);
    else this.#reader.resume();
  }
}

/** The line editor switches its input's mode; behind the limit that is the terminal's. */
function withRawMode(limit: LineLimit, input: Terminal['input']): LineLimit {
  return Object.assign(limit, { setRawMode: (isRaw: boolean) => input.setRawMode?.(isRaw) });
}
