import type { Va } from '../base/index.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';

/** Which names stand behind a module's own: those of its symbols, or what a letter asks for. */
export type ModuleColumn = 'image' | 'imageName' | 'path' | 'mapped' | 'stamp' | 'checkSum';

/** What `lm` was asked for. */
export interface ModuleRequest {
  readonly verbose: boolean;
  readonly columns: ReadonlySet<ModuleColumn>;
  readonly namesOnly: boolean;
  readonly loadedOnly: boolean;
  /** `l`: only those whose symbols are loaded. */
  readonly withSymbols: boolean;
  /** `u`: only those of user mode; `k`, or none of both: those of the kernel. */
  readonly userMode: boolean;
  readonly sortByName: boolean;
  readonly name: string | undefined;
  readonly path: string | undefined;
  readonly address: Va | undefined;
}

/** Letters without an argument. `D` asks the real debugger for links; `y` is one that people type and that does nothing. */
const flagLetters = 'vtnfipcolukeDy';
const columnOf: Readonly<Record<string, ModuleColumn>> = {
  n: 'image',
  i: 'imageName',
  f: 'path',
  p: 'mapped',
  t: 'stamp',
  c: 'checkSum',
};

/** Letters read so far, and the arguments behind them. */
interface Parsed {
  readonly flags: Set<string>;
  sortByName: boolean;
  name?: string;
  path?: string;
  address?: string;
}

type Usage = Pick<Command, 'names' | 'usage'>;

/** Reads `v`, `t n`, `vm NAME`, `Dvmnt`, `sm`, `s t m`, `1m`, `1ma ADDR`, `a ADDR`, `m PATTERN`, `M PATTERN`. */
export function parseModuleOptions(command: Usage, console: Console, text: string): ModuleRequest {
  const { flags, sortByName, name, path, address } = readLetters(command, text);
  return {
    verbose: flags.has('v'),
    columns: new Set([...flags].flatMap((letter) => columnOf[letter] ?? [])),
    namesOnly: flags.has('1'),
    loadedOnly: flags.has('o'),
    withSymbols: flags.has('l'),
    userMode: flags.has('u') && !flags.has('k'),
    sortByName,
    name,
    path,
    address: address === undefined ? undefined : evaluateIn(console, address),
  };
}

function readLetters(command: Usage, text: string): Parsed {
  const parsed: Parsed = { flags: new Set(), sortByName: false };
  let sorts = false;
  for (let rest = text.trim(); rest !== ''; ) {
    const letter = rest[0]!;
    const argument = rest.slice(1).trim();
    if (letter === '1' && /^1\s*m/.test(rest)) {
      parsed.flags.add('1');
      rest = namesOnlyRest(rest.replace(/^1\s*m\s*/, ''));
    } else if (flagLetters.includes(letter)) {
      addFlag(command, parsed.flags, letter);
      rest = argument;
    } else if (letter === 's') {
      sorts = true;
      rest = argument;
    } else if (letter === 'm' && sorts && !parsed.sortByName) {
      parsed.sortByName = true;
      rest = argument;
    } else return takeArgument(command, parsed, letter, rest, argument);
  }
  if (sorts && !parsed.sortByName)
    throw usageError(command, "'s' needs an 'm' behind it: lm sm sorts by name");
  return parsed;
}

/** `1m` may be followed by options, or by a pattern without its `m`. */
function namesOnlyRest(rest: string): string {
  const isOption =
    rest === '' || /^[amM]\s|^a[@($\d]|^[a-zA-Z]+$/.test(rest) || /^[vtnfipcoluke]\s/.test(rest);
  return isOption ? rest : `m ${rest}`;
}

function addFlag(command: Usage, flags: Set<string>, letter: string): void {
  if (flags.has(letter)) throw usageError(command, `'${letter}' is given twice`);
  flags.add(letter);
}

/** `a ADDR`, `m PATTERN` and `M PATTERN` end the options. */
function takeArgument(
  command: Usage,
  parsed: Parsed,
  letter: string,
  rest: string,
  argument: string,
): Parsed {
  if (letter !== 'a' && letter !== 'm' && letter !== 'M')
    throw usageError(command, `'${rest.slice(0, 40)}' is not an option`);
  if (argument === '')
    throw usageError(command, letter === 'a' ? 'an address is missing' : 'a pattern is missing');
  if (letter === 'a') return { ...parsed, address: argument };
  return letter === 'm' ? { ...parsed, name: argument } : { ...parsed, path: argument };
}
