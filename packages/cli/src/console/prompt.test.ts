import { PassThrough, Writable } from 'node:stream';
import { BufferSource, openSession } from '@poolscope/engine';
import { buildMachine, dumpBytes } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { ProgressLine } from '../progress-line.ts';
import { History } from './history.ts';
import { Interrupt } from './interrupt.ts';
import { LogFile } from './log-file.ts';
import { Prompt } from './prompt.ts';
import { Runner } from './runner.ts';
import { Screen } from './screen.ts';

const dump = dumpBytes(buildMachine(), { type: 'triage' });

class FakeScreen extends Writable {
  readonly isTTY = true;
  readonly columns = 80;
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }

  /** Resolves when a text is shown behind what was seen before. */
  async shows(text: string, from = 0): Promise<void> {
    while (!this.text.slice(from).includes(text)) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** A console at a made-up terminal. */
async function atTerminal(options: { readonly history?: History } = {}) {
  const session = await openSession(new BufferSource(dump));
  const keys = Object.assign(new PassThrough(), {
    isTTY: true,
    rawModes: [] as boolean[],
    setRawMode(isRaw: boolean) {
      this.rawModes.push(isRaw);
    },
  });
  const output = new FakeScreen();
  const log = new LogFile('');
  const interrupt = new Interrupt();
  const screen = new Screen({ output, log, progress: new ProgressLine({ write: () => true }), color: false });
  const history = options.history ?? new History(undefined);
  const prompt = new Prompt({
    input: keys,
    output,
    screen,
    interrupt,
    history,
    runner: new Runner(session, screen, interrupt),
    complete: (line) => session.complete(line),
    prompt: () => 'kd> ',
  });
  const ended = prompt.run();
  await output.shows('kd> ');
  /** Presses keys one after the other; resolves with what is shown until the text that is waited for. */
  const press = async (text: string, until: string) => {
    const from = output.text.length;
    keys.write(text);
    await output.shows(until, from);
    return output.text.slice(from);
  };
  return { session, keys, output, history, ended, press, log };
}

/** Runs a line and gives what is shown up to the next prompt. */
const enter = (terminal: { press(keys: string, until: string): Promise<string> }, line: string) =>
  terminal.press(`${line}\r`, '\x1b[0Jkd> ');

describe('the prompt', () => {
  it('runs lines until the user leaves', async () => {
    const terminal = await atTerminal();
    expect(await enter(terminal, '? 0n10 + 6')).toContain('Evaluate expression: 16 = 00000000`00000010');
    expect(await enter(terminal, 'nonsense')).toContain("there is no command 'nonsense'");
    terminal.keys.write('? 1; q; ? 2\r');
    await terminal.ended;
    expect(terminal.output.text).toContain('Evaluate expression: 1 ');
    expect(terminal.output.text).not.toContain('Evaluate expression: 2 ');
    expect(terminal.keys.rawModes).toEqual([true, false]);
  });

  it('is left with Ctrl-D, on a line of its own', async () => {
    const terminal = await atTerminal();
    terminal.keys.write('\x04');
    await terminal.ended;
    expect(terminal.output.text.endsWith('\n')).toBe(true);
  });

  it('is left when the terminal goes away', async () => {
    const terminal = await atTerminal();
    terminal.keys.end();
    await terminal.ended;
    expect(terminal.keys.rawModes).toEqual([true, false]);
    const broken = await atTerminal();
    broken.keys.destroy(new Error('EIO'));
    await broken.ended;
    expect(broken.keys.rawModes).toEqual([true, false]);
  });

  it('runs lines that were typed ahead in their order', async () => {
    const terminal = await atTerminal();
    terminal.keys.write('? 1\r? 2\r? 3\rq\r');
    await terminal.ended;
    const values = [...terminal.output.text.matchAll(/Evaluate expression: (\d)/g)].map(([, value]) => value);
    expect(values).toEqual(['1', '2', '3']);
  });

  it('refuses a line that is too long, at once, and goes on', async () => {
    const terminal = await atTerminal();
    terminal.keys.write(`? ${'1'.repeat(1 << 20)}`);
    const shown = await terminal.press('\r', '$<FILE');
    expect(shown).toContain('a line has at most 4096 characters; this one is not run');
    expect(await enter(terminal, '? 2')).toContain('Evaluate expression: 2 ');
    expect(terminal.history.newestFirst).toEqual(['? 2']);
  });
});

describe('an empty line', () => {
  it('repeats the last one', async () => {
    const terminal = await atTerminal();
    expect(await enter(terminal, '')).not.toContain('Evaluate');
    await enter(terminal, '? 5');
    expect(await enter(terminal, '')).toContain('Evaluate expression: 5 ');
    expect(await enter(terminal, '  ')).toContain('Evaluate expression: 5 ');
    expect(terminal.history.newestFirst).toEqual(['? 5']);
  });

  it('goes on with a display', async () => {
    const terminal = await atTerminal();
    const start = terminal.session.system.modules[0]!.base;
    const addressOf = (offset: bigint) => terminal.session.system.addressText(start + offset);
    expect(await enter(terminal, 'db nt L10')).toContain(addressOf(0n));
    const next = await enter(terminal, '');
    expect(next).toContain(addressOf(0x10n));
    expect(next).not.toContain(`${addressOf(0n)} `);
    expect(await enter(terminal, '')).toContain(addressOf(0x90n));
  });
});

describe('keys at the prompt', () => {
  it('bring back earlier lines, also of an earlier console', async () => {
    const history = new History(undefined);
    history.add('? 1');
    const terminal = await atTerminal({ history });
    await enter(terminal, '? 2');
    await terminal.press('\x1b[A', 'kd> ? 2');
    await terminal.press('\r', 'Evaluate expression: 2 ');
    await terminal.press('\x1b[A\x1b[A', 'kd> ? 1');
    await terminal.press('\r', 'Evaluate expression: 1 ');
    expect(terminal.history.newestFirst).toEqual(['? 1', '? 2', '? 1']);
  });

  it('complete a command, a module, a name and a register with Tab', async () => {
    const terminal = await atTerminal();
    expect(await terminal.press('.he\t', '.help')).toContain('.help');
    expect(await terminal.press(' db\r', '\x1b[0Jkd> ')).toContain('display memory');
    const names = terminal.session.system.modules.map(({ name }) => name).filter((name) => /^n/i.test(name));
    await terminal.press('lm m n\t', 'n');
    const shown = await terminal.press('\t', names[0]!);
    for (const name of names) expect(shown).toContain(name);
    await terminal.press('\x03', '^C');
    await terminal.press('? @ri\t', '@rip');
    expect(await terminal.press('\r', '\x1b[0Jkd> ')).toContain('Evaluate expression');
  });

  it('Ctrl-C throws away what is typed, and says how to leave', async () => {
    const terminal = await atTerminal();
    expect(await terminal.press('nonsense\x03', '^C\n')).not.toContain('Ctrl-D');
    expect(await enter(terminal, '? 7')).not.toContain('nonsense');
    expect(await terminal.press('\x03', 'kd> ')).toContain('q or Ctrl-D leaves the console.');
  });
});

describe('Ctrl-C while a command runs', () => {
  const endless = '.echo begun; .while (1) { }; .echo behind';

  it('stops the whole line; its output stays, and the prompt is back', async () => {
    const terminal = await atTerminal();
    await terminal.press(`${endless}\r`, 'begun\n');
    const shown = await terminal.press('\x03', '\x1b[0Jkd> ');
    expect(shown).toContain('^C\n');
    expect(shown).not.toContain('Ctrl-D');
    expect(await enter(terminal, '? 3')).toContain('Evaluate expression: 3 ');
    expect(terminal.output.text).not.toContain('\nbehind');
  });

  it('forgets the lines that were typed ahead', async () => {
    const terminal = await atTerminal();
    await terminal.press(`${endless}\r`, 'begun\n');
    await terminal.press('? 1\r', '? 1');
    const shown = await terminal.press('\x03', '\x1b[0Jkd> ');
    expect(shown).not.toContain('Evaluate');
    expect(await enter(terminal, '? 3')).toContain('Evaluate expression: 3 ');
    expect(terminal.output.text).not.toContain('Evaluate expression: 1 ');
  });
});
