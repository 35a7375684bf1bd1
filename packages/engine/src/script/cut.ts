import { DebuggerError } from '../base/index.ts';
import { readStatement } from './read-statement.ts';

/**
 * The commands of a line or script, each as the console would echo it; control flow with its blocks is one command, and so
 * is a line that `z` repeats. What cannot be read is left together: running it says what is wrong.
 */
export function splitCommands(line: string): string[] {
  const commands: string[] = [];
  let lineStart = 0;
  let firstOfLine = 0;
  for (let at = 0; ; ) {
    const read = tryRead(line, at);
    if (read === undefined) return commands;
    if (line.slice(at, read.start).includes('\n')) {
      lineStart = read.start;
      firstOfLine = commands.length;
    }
    if (read.repeats) commands.splice(firstOfLine, Infinity, line.slice(lineStart, read.end).trim());
    else commands.push(read.text);
    at = read.end;
  }
}

interface Piece {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** It is a `z`, which repeats what is before it in its line. */
  readonly repeats: boolean;
}

function tryRead(line: string, at: number): Piece | undefined {
  try {
    const read = readStatement(line, at, { newlines: true });
    if (read === undefined) return undefined;
    const { statement } = read;
    return { ...read, repeats: statement.kind === 'flow' && statement.flow.kind === 'again' };
  } catch (error) {
    if (!(error instanceof DebuggerError)) throw error;
    const text = line
      .slice(at)
      .replace(/^[\s;]+/, '')
      .trimEnd();
    return { text, start: line.length - text.length, end: line.length, repeats: false };
  }
}
