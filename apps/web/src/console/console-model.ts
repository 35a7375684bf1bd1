import type { Completion, Line } from '@poolscope/engine';
import { signal } from '@preact/signals';
import { CallError, type CallOptions } from '../link/worker-link.ts';
import type { Greeting } from '../protocol/calls.ts';
import type { CallName, InputOf, OutputOf, ProgressFacts } from '../protocol/messages.ts';
import { lineToText } from './line-text.ts';

/** A row of the log. */
export interface LogRow {
  readonly kind: 'echo' | 'output' | 'note';
  readonly line: Line;
}

/** What runs now. */
export interface Running {
  readonly text: string;
  readonly progress: ProgressFacts | undefined;
  readonly startedAt: number;
}

type Caller = <Name extends CallName>(
  name: Name,
  input: InputOf<Name>,
  options?: CallOptions<Name>,
) => Promise<OutputOf<Name>>;

/** Rows that are kept; the oldest go first. */
const mostRows = 200_000;
const mostHistory = 1000;
/** As transcripts have it, whatever the prompt says. */
const echo = 'kd> ';

/** The console as the page knows it: what was shown, what was typed, and what runs. Texts run one after the other. */
export class ConsoleModel {
  /** Changes with the rows, which are kept in one array. */
  readonly version = signal(0);
  /** How many commands have ended: what they chose, views may have to ask for anew. */
  readonly ended = signal(0);
  readonly running = signal<Running | undefined>(undefined);
  readonly prompt = signal('kd> ');
  readonly rows: LogRow[] = [];
  readonly history: string[] = [];
  /** What an empty line runs. */
  repeat = '';
  readonly #call: Caller;
  #stop: AbortController | undefined;
  #queue: Promise<void> = Promise.resolve();

  constructor(call: Caller) {
    this.#call = call;
  }

  /** Says what was opened, unless it `isGone` by then. Commands that are typed meanwhile run behind it. */
  greet(name: string, isGone: () => boolean): void {
    const greet = async () => {
      const greeting = await this.#call('greeting', null);
      if (!isGone()) this.#show(name, greeting);
    };
    // A worker that was stopped greets nobody.
    this.#queue = this.#queue.then(greet).catch(() => {});
  }

  #show(name: string, { banner, warnings, prompt }: Greeting): void {
    this.prompt.value = prompt;
    const lines = [
      `Loading Dump File [${name}]`,
      ...banner,
      '',
      ...warnings.map((text) => `WARNING: ${text}`),
    ];
    this.#add(lines.map((line) => ({ kind: 'note', line: [line] })));
  }

  clear(): void {
    this.#stop?.abort();
    this.rows.length = 0;
    this.version.value++;
  }

  /** Runs a line when those before it have ended. */
  run(text: string): Promise<void> {
    this.#remember(text);
    this.#queue = this.#queue.then(() => this.#runNow(text));
    return this.#queue;
  }

  /** Ctrl-C: stops what runs. */
  interrupt(): void {
    this.#stop?.abort();
  }

  complete(line: string, cursor: number): Promise<Completion> {
    return this.#call('complete', { line, cursor });
  }

  /** All that was shown, as a terminal would have it. */
  text(): string {
    return this.rows.map(({ line }) => `${lineToText(line).trimEnd()}\n`).join('');
  }

  async #runNow(text: string): Promise<void> {
    const stop = new AbortController();
    this.#stop = stop;
    this.#add([{ kind: 'echo', line: [echo + text] }]);
    this.running.value = { text, progress: undefined, startedAt: performance.now() };
    try {
      const { outcome, prompt, repeat } = await this.#call(
        'run',
        { text },
        {
          signal: stop.signal,
          onEvent: (lines) => this.#add(lines.map((line) => ({ kind: 'output', line }))),
          onProgress: (progress) => {
            if (this.running.value !== undefined) this.running.value = { ...this.running.value, progress };
          },
        },
      );
      this.prompt.value = prompt;
      this.repeat = repeat;
      if (outcome === 'stopped') this.#add([{ kind: 'note', line: ['^C'] }]);
    } catch (error) {
      const facts = error instanceof CallError ? error.facts : undefined;
      this.#add([{ kind: 'note', line: [{ text: facts?.message ?? String(error), style: 'bad' }] }]);
    } finally {
      this.running.value = undefined;
      this.#stop = undefined;
      this.ended.value++;
    }
  }

  #add(rows: readonly LogRow[]): void {
    for (const row of rows) this.rows.push(row);
    if (this.rows.length > mostRows) this.rows.splice(0, this.rows.length - mostRows);
    this.version.value++;
  }

  #remember(text: string): void {
    if (text.trim() === '' || this.history.at(-1) === text) return;
    this.history.push(text);
    if (this.history.length > mostHistory) this.history.shift();
  }
}
