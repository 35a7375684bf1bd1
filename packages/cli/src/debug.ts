import { createInterface } from 'node:readline/promises';
import { DebuggerError, type Session, splitCommands } from '@poolscope/engine';
import { type FileOptions, noteUnused, openFile } from './open-file.ts';
import { printable, renderLines } from './render.ts';

export interface DebugFlags extends FileOptions {
  readonly c?: string;
  readonly color: boolean;
}

const prompt = 'kd> ';

/** The console: the given commands, or a prompt. */
export async function runDebug(file: string, flags: DebugFlags): Promise<void> {
  noteUnused(flags);
  const { session, close } = await openFile(file);
  try {
    if (flags.c === undefined) await interact(session, file, flags);
    else runLine(session, flags.c, flags, true);
  } finally {
    close();
  }
}

/** Runs the commands of a line; false when one of them leaves the console. */
function runLine(session: Session, line: string, flags: DebugFlags, echo: boolean): boolean {
  for (const command of splitCommands(line)) {
    if (echo) process.stdout.write(`${prompt}${command}\n`);
    if (/^(q|qq|qd|quit|exit)$/i.test(command)) return false;
    process.stdout.write(outputOf(session, command, flags));
  }
  return true;
}

function outputOf(session: Session, command: string, flags: DebugFlags): string {
  try {
    return renderLines(session.execute(command).lines, process.stdout, flags.color);
  } catch (error) {
    if (!(error instanceof DebuggerError)) throw error;
    return `${printable(error.message)}\n  ${error.remedy}\n`;
  }
}

async function interact(session: Session, file: string, flags: DebugFlags): Promise<void> {
  process.stdout.write(
    `Loading Dump File [${printable(file)}]\n${session.banner().map(printable).join('\n')}\n\n`,
  );
  for (const warning of session.warnings) process.stdout.write(`WARNING: ${printable(warning.message)}\n`);
  const terminal = process.stdin.isTTY;
  const reader = createInterface({
    input: process.stdin,
    output: terminal ? process.stdout : undefined,
    prompt,
  });
  if (terminal) reader.prompt();
  for await (const line of reader) {
    if (!runLine(session, line, flags, !terminal)) break;
    if (terminal) reader.prompt();
  }
  reader.close();
}
