import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { attempt } from '../io/attempt.ts';
import { appendLine, readTail, replaceFile } from './private-file.ts';

/** Lines that are kept; the file may grow to twice as many before it is cut. */
const mostLines = 1000;
/** Bytes of the file that are looked at. */
const tailSize = 4 << 20;

/** The lines of earlier consoles and of this one, in a file that only its user can read. */
export class History {
  readonly #path: string | undefined;
  readonly #lines: string[];

  /** Without a path nothing is kept. A history is a help: a file that cannot be used is no error. */
  constructor(path: string | undefined) {
    this.#path = path;
    const { lines, isFull } = path === undefined ? { lines: [], isFull: false } : load(path);
    this.#lines = lines;
    if (path !== undefined && isFull) attempt(() => replaceFile(path, `${lines.join('\n')}\n`));
  }

  /** The newest first. */
  get newestFirst(): string[] {
    return [...this.#lines].reverse();
  }

  /** A line that says the same as the one before, or nothing, is not kept. */
  add(line: string): void {
    const path = this.#path;
    if (line.trim() === '' || line === this.#lines.at(-1)) return;
    this.#lines.push(line);
    if (path !== undefined) attempt(() => appendLine(path, line));
  }
}

function load(path: string): { lines: string[]; isFull: boolean } {
  const { text, isWhole } = attempt(() => readTail(path, tailSize)) ?? { text: '', isWhole: true };
  const lines = text.split('\n').map((line) => line.replaceAll(/\p{Cc}/gu, ''));
  const all = (isWhole ? lines : lines.slice(1)).filter((line) => line !== '');
  return { lines: all.slice(-mostLines), isFull: !isWhole || all.length > 2 * mostLines };
}

/** Where programs keep such things on this system; undefined where it has no such place. */
export function historyPath(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const folder = platform === 'win32' ? env['LOCALAPPDATA'] : stateFolder(env);
  return folder === undefined || folder === '' ? undefined : join(folder, 'poolscope', 'history');
}

/** Source: XDG Base Directory Specification: a path that is not absolute is ignored. */
function stateFolder(env: NodeJS.ProcessEnv): string | undefined {
  const named = env['XDG_STATE_HOME'] ?? '';
  if (isAbsolute(named)) return named;
  const home = attempt(homedir) ?? '';
  return isAbsolute(home) ? join(home, '.local', 'state') : undefined;
}
