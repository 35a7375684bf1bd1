import { DebuggerError, type Va } from '../base/index.ts';
import type { CompareOptions } from '../pe/index.ts';
import type { Module } from '../windows/index.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';
import { findModule } from './find-module.ts';

/** What `!chkimg` was asked for. */
export interface CheckRequest {
  readonly module: Module;
  readonly path: string;
  readonly options: CompareOptions;
  readonly display: 'none' | 'bytes' | 'rows';
  readonly verbose: boolean;
  readonly maxLines: number;
}

type Usage = Pick<Command, 'names' | 'usage'>;

/** What the words have said so far. */
interface Words {
  options: { -readonly [K in keyof CompareOptions]: CompareOptions[K] };
  range?: readonly [Va, Va];
  module?: string;
  path?: string;
  display: CheckRequest['display'];
  verbose: boolean;
  maxLines: number;
}

/** Gives the next word, or throws that it is missing. */
type Next = (what: string) => string;
type Take = (words: Words, next: Next, console: Console) => void;

const options: Readonly<Record<string, Take>> = {
  '-i': (words, next) => (words.path = next('the path of the image file')),
  '-d': (words) => (words.display = 'bytes'),
  '-db': (words) => (words.display = 'rows'),
  '-v': (words) => (words.verbose = true),
  '-lo': (words, next, console) => (words.maxLines = Number(evaluateIn(console, next('a number of lines')))),
  '-as': (words) => (words.options.sections = 'all'),
  '-ss': (words, next) => (words.options.sectionName = next('a section name')),
  '-r': (words, next, console) => {
    words.range = [evaluateIn(console, next('a start')), evaluateIn(console, next('an end'))];
  },
  '-noplock': (words) => (words.options.lockIsNop = false),
  '-nar': (words) => (words.options.relocate = false),
  '-nospec': () => undefined,
  '-np': () => undefined,
};

/** Options of the debugger that make no sense here, and why. */
const refused: Readonly<Record<string, string>> = {
  '-f': 'a dump is not written to, so nothing can be fixed',
  '-p': 'no path is searched: give the file with -i',
  '-mmw': 'no list of its own is written: use -d and .logopen',
};

/**
 * Reads options, a module and `-i FILE` in any order; without a file it is the one that the symbol path gave. Throws
 * COMMAND_USAGE.
 */
export function parseCheck(usage: Usage, console: Console, args: string): CheckRequest {
  const words = (args.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replace(/^"(.*)"$/, '$1'));
  const read: Words = { options: {}, display: 'none', verbose: false, maxLines: Number.POSITIVE_INFINITY };
  const next: Next = (what) => {
    const word = words.shift();
    if (word === undefined) throw usageError(usage, `${what} is missing`);
    return word;
  };
  while (words.length > 0) takeWord(usage, console, next, read);
  const { range, display, verbose, maxLines } = read;
  const module = findModule(console, read.module ?? ipText(usage, console));
  const path = read.path ?? console.system.symbols.moduleAt(module.base)?.files.image?.location;
  if (path === undefined)
    throw usageError(
      usage,
      `the image file of ${module.name} was not found on the symbol path: name it with -i FILE`,
    );
  const ranged = range === undefined ? {} : { range: relativeTo(module, range) };
  return { module, path, options: { ...read.options, ...ranged }, display, verbose, maxLines };
}

function takeWord(usage: Usage, console: Console, next: Next, read: Words): void {
  const word = next('an option');
  const take = Object.hasOwn(options, word) ? options[word] : undefined;
  if (take !== undefined) take(read, next, console);
  else if (!word.startsWith('-')) takeModule(usage, word, read);
  else throw usageError(usage, refused[word] ?? `there is no option ${word}`);
}

/** `!analyze` of the real debugger writes `!chkimg !win32k`. */
function takeModule(usage: Usage, word: string, read: Words): void {
  if (read.module !== undefined) throw usageError(usage, `'${word}' is one module too many`);
  read.module = word.replace(/^!/, '');
}

function ipText(usage: Usage, { scope }: Console): string {
  const ip = scope?.registers.ip;
  if (ip === undefined) throw usageError(usage, 'a module is missing');
  return `0x${ip.toString(16)}`;
}

/** An inclusive range of addresses as one of RVAs. */
function relativeTo(
  { base, size }: Module,
  [start, last]: readonly [Va, Va],
): { start: number; end: number } {
  const end = base + BigInt(size);
  if (last < start || start >= end || last < base)
    throw new DebuggerError('COMMAND_USAGE', 'the range does not lie in the module');
  return {
    start: start < base ? 0 : Number(start - base),
    end: last >= end ? size : Number(last - base) + 1,
  };
}
