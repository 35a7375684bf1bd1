import { type FoundSymbol, findSymbols, listModules, type ModuleList } from '../code/index.ts';
import { type Command, type CommandRun, linesStep, progressStep, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';
import { moduleHeading, moduleLine } from './module-rows.ts';
import { type CommandResult, type Line, span } from './output.ts';
import { typeNote } from './symbol-lines.ts';

export const examineSymbols: Command = {
  names: ['x'],
  usage: '[OPTIONS] MODULE!NAME',
  summary: 'list symbols whose names match',
  group: 'modules',
  details: [
    '/0 addresses alone, /1 names alone, /2 both; /v with kind and size; /f functions, /d data; /s SIZE of that size;',
    '/a /A by address, /n /N by name, /z /Z by size, each up and down. /t /q /p /D change nothing here.',
    'Names of exports are known, and those of symbol files, in capitals or not. x *! lists the modules, x NAME looks in all of them.',
    'Sizes come from the function tables of the images; data has none.',
  ],
  examples: ['x nt!Ex*Pool*', 'x *!', 'x /1 nt!Ke*', 'x *!*Verifier*'],
  run(console, args) {
    const { pattern, options, size } = parse(console, args);
    return pattern.endsWith('!')
      ? listMatching(console, pattern.slice(0, -1))
      : examine(console, pattern, options, size);
  },
};

type Options = ReadonlySet<string>;

const knownOptions = /^[012vfdsaAnNzZtqpD]$/;

function parse(
  console: Console,
  args: string,
): { pattern: string; options: Options; size: number | undefined } {
  const options = new Set<string>();
  let size: number | undefined;
  let rest = args.trim();
  while (rest.startsWith('/')) {
    const [whole, letters] = /^\/(\S*)\s*/.exec(rest)!;
    rest = rest.slice(whole.length);
    for (const letter of letters!) {
      if (!knownOptions.test(letter)) throw usageError(examineSymbols, `there is no option /${letter}`);
      options.add(letter);
    }
    if (!letters!.includes('s')) continue;
    const [typed = ''] = /^\S+/.exec(rest) ?? [];
    if (typed === '') throw usageError(examineSymbols, 'a size is missing');
    size = Number(evaluateIn(console, typed));
    rest = rest.slice(typed.length).trim();
  }
  if (rest === '') throw usageError(examineSymbols, 'a pattern is missing');
  if (rest === '*') throw usageError(examineSymbols, 'local variables are not known without private symbols');
  return { pattern: rest, options, size };
}

/** `x *!`: the modules and their symbols, as `lm` shows them. */
function listMatching(console: Console, name: string): CommandResult {
  const list: ModuleList = listModules(console.system, { name });
  return {
    data: list,
    lines: [moduleHeading(console), ...list.modules.map((module) => moduleLine(console, new Set(), module))],
    call: `engine.listModules(session.system, { name: ${JSON.stringify(name)} })`,
  };
}

/** Symbols whose lines are handed out at once. */
const piece = 1000;

function* examine(console: Console, pattern: string, options: Options, size: number | undefined): CommandRun {
  const run = findSymbols(console.system, pattern);
  let step = run.next();
  for (; step.done !== true; step = run.next()) yield progressStep('looking at names', step.value);
  const all = step.value;
  const symbols = sorted(all.filter(isWanted(options, size)), options);
  for (let at = 0; at + piece < symbols.length; at += piece)
    yield linesStep(symbols.slice(at, at + piece).map((symbol) => symbolLine(console, symbol, options)));
  const rest = symbols.slice(Math.floor(Math.max(0, symbols.length - 1) / piece) * piece);
  return {
    data: all,
    lines: [
      ...rest.map((symbol) => symbolLine(console, symbol, options)),
      ...(symbols.length > 0 ? [] : noneLine(console, pattern)),
    ],
    call: `engine.runToEnd(engine.findSymbols(session.system, ${JSON.stringify(pattern)}))`,
  };
}

/** The debugger says nothing then; here it may be because exports are all that is known. */
function noneLine({ system }: Console, pattern: string): Line[] {
  const bang = pattern.indexOf('!');
  const modules = listModules(system, { name: bang < 0 ? '*' : pattern.slice(0, bang) }).modules;
  const why =
    modules.length === 0
      ? 'no module has this name'
      : modules.every(({ symbols, namesOfDump }) => symbols === 'none' && namesOfDump === 0)
        ? 'no names are known there: the export tables are not in the dump, or there are none'
        : modules.every(({ symbols }) => symbols === 'exports' || symbols === 'none')
          ? `no export matches${modules.some(({ namesOfDump }) => namesOfDump > 0) ? ', and no name of the debugger data' : ''}`
          : 'no name matches';
  return [[span(`(${why})`, 'dim')]];
}

function isWanted(options: Options, size: number | undefined): (symbol: FoundSymbol) => boolean {
  const onlyCode = options.has('f') && !options.has('d');
  const onlyData = options.has('d') && !options.has('f');
  return (symbol) =>
    (!onlyCode || symbol.kind === 'code') &&
    (!onlyData || symbol.kind === 'data') &&
    (size === undefined || symbol.size === undefined || symbol.size === size);
}

const compare = <T>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);
const full = ({ module, name }: FoundSymbol): string => `${module}!${name}`;

/** By the last of the letters that ask for an order; by address when there is none. */
function sorted(symbols: FoundSymbol[], options: Options): FoundSymbol[] {
  const letter = [...options].findLast((each) => 'aAnNzZ'.includes(each)) ?? 'a';
  const down = letter === letter.toUpperCase() ? -1 : 1;
  const key: (symbol: FoundSymbol) => bigint | string | number = {
    a: ({ address }: FoundSymbol) => address,
    n: (symbol: FoundSymbol) => full(symbol).toLowerCase(),
    z: ({ size }: FoundSymbol) => size ?? 0,
  }[letter.toLowerCase() as 'a' | 'n' | 'z'];
  return symbols.sort((a, b) => down * compare(key(a), key(b)));
}

/** Columns of an address, for either width. */
const addressWidth = 17;

function symbolLine({ system }: Console, symbol: FoundSymbol, options: Options): Line {
  const address = system.addressText(symbol.address);
  if (options.has('0')) return [span(address, 'address')];
  if (options.has('1')) return [full(symbol)];
  const padded = address.padEnd(addressWidth);
  if (options.has('2')) return [span(padded, 'address'), ` ${full(symbol)}`];
  if (!options.has('v')) return [span(padded, 'address'), ` ${full(symbol)}${typeNote(symbol)}`];
  const kind = { code: 'pub func  ', data: 'pub global', unknown: 'pub       ' }[symbol.kind ?? 'unknown'];
  const size = (symbol.size ?? 0).toString(16).padStart(4);
  return [`${kind} `, span(address, 'address'), ` ${size} ${full(symbol)}${typeNote(symbol)}`];
}
