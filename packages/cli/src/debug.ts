import type { Session, Warning } from '@poolscope/engine';
import { runInput, runTexts } from './console/batch.ts';
import { Interrupt } from './console/interrupt.ts';
import { LogFile } from './console/log-file.ts';
import { nodeHost } from './console/node-host.ts';
import { type Outcome, Runner } from './console/runner.ts';
import { Screen } from './console/screen.ts';
import { exitCode } from './exit-code.ts';
import { type FileOptions, openFile } from './open-file.ts';
import { ProgressLine } from './progress-line.ts';
import { printable } from './render.ts';
import { ConsoleSymbols } from './symbols/console-symbols.ts';

export interface DebugFlags extends FileOptions {
  readonly c?: readonly string[];
  readonly color: boolean;
}

/** What a console is made of. */
interface Parts {
  readonly session: Session;
  readonly screen: Screen;
  readonly runner: Runner;
  readonly interrupt: Interrupt;
}

/** The console over one dump: the given commands, lines from a pipe, or a prompt. */
export async function runDebug(file: string, flags: DebugFlags): Promise<void> {
  const isInteractive = flags.c === undefined && process.stdin.isTTY && process.stdout.isTTY;
  const interrupt = new Interrupt();
  if (!isInteractive) {
    process.on('SIGINT', () => {
      if (!interrupt.ask()) process.exit(exitCode.interrupted);
    });
  }
  const log = new LogFile(file);
  const symbols = new ConsoleSymbols(flags);
  const { session, close } = await openFile(file, {
    host: nodeHost(log, symbols),
    symbols: symbols.open()?.source,
    pooltags: flags.pooltags,
  });
  const progress = new ProgressLine(process.stderr);
  const onLogLost = () => {
    session.console.logFile = undefined;
  };
  const screen = new Screen({ output: process.stdout, log, progress, color: flags.color, onLogLost });
  const parts = { session, screen, interrupt, runner: new Runner(session, screen, interrupt) };
  try {
    if (flags.c !== undefined) await runGiven(parts, flags.c);
    else {
      greet(parts, file);
      await (isInteractive ? runPrompt(parts) : runPiped(parts));
    }
  } finally {
    log.close();
    symbols.close();
    close();
  }
}

function greet({ session, screen }: Parts, file: string): void {
  screen.say(`Loading Dump File [${printable(file)}]`);
  for (const line of session.banner()) screen.say(line);
  screen.say('');
  for (const text of warningTexts(session.warnings)) screen.say(`WARNING: ${text}`);
}

/** One line for each sentence, with how often it holds. */
function warningTexts(warnings: readonly Warning[]): string[] {
  const counts = new Map<string, number>();
  for (const { message } of warnings) counts.set(message, (counts.get(message) ?? 0) + 1);
  return [...counts].map(([text, count]) => `${printable(text)}${count === 1 ? '' : ` (${count} times)`}`);
}

async function runGiven({ session, runner, screen }: Parts, texts: readonly string[]): Promise<void> {
  for (const text of warningTexts(session.warnings)) process.stderr.write(`poolscope: warning: ${text}\n`);
  endWith(await runTexts(runner, screen, texts));
}

async function runPiped({ runner, screen }: Parts): Promise<void> {
  endWith(await runInput(runner, screen, process.stdin.setEncoding('utf8')));
}

function endWith(outcome: Outcome): void {
  if (outcome === 'stopped') process.exitCode = exitCode.interrupted;
}

async function runPrompt(parts: Parts): Promise<void> {
  const [{ Prompt }, { History, historyPath }] = await Promise.all([
    import('./console/prompt.ts'),
    import('./console/history.ts'),
  ]);
  const { session } = parts;
  parts.screen.say('.help lists the commands, q leaves.\n');
  const prompt = new Prompt({
    ...parts,
    input: process.stdin,
    output: process.stdout,
    history: new History(historyPath()),
    complete: (line) => session.complete(line),
    prompt: () => session.prompt,
  });
  await prompt.run();
}
