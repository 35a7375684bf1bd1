import { bareHost, DebuggerError, type Step } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { ProgressLine } from '../progress-line.ts';
import { Interrupt } from './interrupt.ts';
import { LogFile } from './log-file.ts';
import { type RunnableSession, Runner } from './runner.ts';
import { Screen } from './screen.ts';

type Steps = () => Generator<Step, readonly never[]>;

/** A runner over a made-up session, with what it writes. */
function runnerOver(steps: Steps, options: { readonly isTTY?: boolean } = {}) {
  const written = { output: '', progress: '' };
  const drains: (() => void)[] = [];
  const output = {
    isTTY: false,
    isFull: false,
    write(text: string) {
      written.output += text;
      return !this.isFull;
    },
    once: (_event: 'drain', listener: () => void) => drains.push(listener),
  };
  const terminal = {
    isTTY: options.isTTY ?? true,
    write: (text: string) => {
      written.progress += text;
    },
  };
  const session: RunnableSession & { console: { leaving: boolean } } = {
    console: { leaving: false },
    run: () => steps(),
  };
  const interrupt = new Interrupt();
  const progress = new ProgressLine(terminal);
  const screen = new Screen({ output, log: new LogFile(''), progress, color: false });
  const clock = { time: 0 };
  const runner = new Runner(session, screen, interrupt, () => clock.time);
  return { runner, session, interrupt, written, output, drains, clock };
}

const line = (text: string): Step => ({ kind: 'lines', lines: [[text]] });
const tick: Step = { kind: 'tick' };

/** A command of which each step takes 10 ms. */
function* work(clock: { time: number }, milliseconds: number, step: Step = tick): Generator<Step> {
  for (const end = clock.time + milliseconds; clock.time < end; clock.time += 10) yield step;
}

describe('running commands', () => {
  it('shows lines and errors as they come', async () => {
    const error = new DebuggerError('COMMAND_UNKNOWN', "there is no command 'x'");
    const { runner, written } = runnerOver(function* () {
      yield line('one');
      yield { kind: 'error', error };
      yield line('two');
      return [];
    });
    expect(await runner.run('')).toBe('done');
    expect(written.output).toBe(`one\nthere is no command 'x'\n  ${error.remedy}\ntwo\n`);
  });

  it('shows an error that ends the whole text', async () => {
    const { runner, written } = runnerOver(function* () {
      yield line('one');
      bareHost.readText('script');
      return [];
    });
    expect(await runner.run('')).toBe('done');
    expect(written.output).toBe(
      'one\nscript files cannot be used here\n  Run poolscope debug in a terminal, which has files.\n',
    );
  });

  it('stops between two steps, keeps what was shown, and cleans up', async () => {
    let isClosed = false;
    const { runner, interrupt, written, clock } = runnerOver(function* () {
      try {
        yield line('one');
        yield* work(clock, Number.POSITIVE_INFINITY);
        return [];
      } finally {
        isClosed = true;
      }
    });
    const timer = setTimeout(() => interrupt.ask(), 10);
    expect(await runner.run('')).toBe('stopped');
    clearTimeout(timer);
    expect(written.output).toBe('one\n^C\n');
    expect(isClosed).toBe(true);
    expect(interrupt.ask()).toBe(false);
  });

  it('sees the wish to stop after many short texts', async () => {
    const { runner, interrupt, clock } = runnerOver(function* () {
      yield* work(clock, 10);
      return [];
    });
    const timer = setTimeout(() => interrupt.ask(), 1);
    let outcome = await runner.run('');
    while (outcome === 'done') outcome = await runner.run('');
    clearTimeout(timer);
    expect(outcome).toBe('stopped');
  });

  it('ends with the command that leaves, and runs nothing behind it', async () => {
    const { runner, session, written } = runnerOver(function* () {
      yield line('one');
      session.console.leaving = true;
      yield tick;
      yield line('two');
      return [];
    });
    expect(await runner.run('')).toBe('left');
    expect(written.output).toBe('one\n');
  });

  it('waits for a slow reader of the output', async () => {
    let produced = 0;
    const { runner, output, drains, interrupt, clock } = runnerOver(function* () {
      for (;;) {
        produced++;
        clock.time += 10;
        yield line('text');
      }
    });
    output.isFull = true;
    const running = runner.run('');
    while (drains.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const before = produced;
    for (let round = 0; round < 20; round++) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(produced).toBe(before);
    interrupt.ask();
    drains[0]!();
    expect(await running).toBe('stopped');
  });
});

describe('progress of commands', () => {
  const searching = (done: number, total?: number): Step => ({
    kind: 'progress',
    progress: total === undefined ? { what: 'searching', done } : { what: 'searching', done, total },
  });

  it('is shown for long ones, and goes away', async () => {
    const { runner, written, clock } = runnerOver(function* () {
      yield* work(clock, 700, searching(42, 100));
      yield line('found');
      return [];
    });
    await runner.run('');
    expect(written.progress).toBe('\r\x1b[Ksearching  42%\r\x1b[K');
    expect(written.output).toBe('found\n');
  });

  it('is a count where nobody knows how much there is', async () => {
    const { runner, written, clock } = runnerOver(function* () {
      yield* work(clock, 700, searching(1234));
      return [];
    });
    await runner.run('');
    expect(written.progress).toContain('searching  1234');
  });

  it.each([
    ['short commands', 490, true],
    ['what is no terminal', 5000, false],
  ])('is not shown for %s', async (_what, milliseconds, isTTY) => {
    const { runner, written, clock } = runnerOver(
      function* () {
        yield* work(clock, milliseconds, searching(42, 100));
        return [];
      },
      { isTTY },
    );
    await runner.run('');
    expect(written.progress).toBe('');
  });
});
