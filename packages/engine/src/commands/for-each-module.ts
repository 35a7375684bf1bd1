import { DebuggerError, padHex } from '../base/index.ts';
import { imageTables, type ListedModule, listModules } from '../code/index.ts';
import { ImageProblem } from '../pe/index.ts';
import { type Command, type CommandRun, type Step, tick } from './command.ts';
import type { Console } from './console.ts';
import { withLocals } from './locals.ts';
import { type CommandResult, type Line, plain, span } from './output.ts';
import { unsearchedText } from './search-memory.ts';

/** What a command gave for one module. */
export interface ModuleRun {
  readonly module: string;
  readonly data: readonly unknown[];
}

export const forEachModuleCommand: Command = {
  names: ['!for_each_module'],
  usage: '[COMMAND | "COMMAND; COMMAND..."]',
  summary: 'run a command once for each module',
  group: 'modules',
  details: [
    'Words that stand for something of the module: @#ModuleIndex @#ModuleName @#Base @#End @#Size @#TimeDateStamp',
    '@#Checksum @#Flags @#SymbolType @#FileVersion @#ProductVersion, and @#ImageName @#LoadedImageName',
    '@#MappedImageName @#SymbolFileName, each also with Size behind it: its length and one more.',
    'They stand alone between blanks, or as ${@#ModuleName} beside other text. What is not known is empty.',
    'Without a command the modules are listed.',
  ],
  examples: [
    '!for_each_module s -a @#Base @#End "None"',
    '!for_each_module ".echo @#ModuleName; db @#Base L4"',
    '!for_each_module x ${@#ModuleName}!*Debug*',
  ],
  takesCommands: true,
  *run(console, args): CommandRun {
    if (args === '' || args === '-?') return listAll(console);
    const text = unquoted(args);
    const outer = console.unsearched;
    console.unsearched = 0n;
    try {
      const data = yield* forEachModule(console, text);
      return { data, lines: unsearchedLines(console.unsearched), call: callOf(text) };
    } finally {
      console.unsearched = outer;
    }
  },
};

const callOf = (text: string): string =>
  `engine.runToEnd(engine.forEachModule(session.console, ${JSON.stringify(text)}))`;

const unsearchedLines = (missing: bigint): Line[] =>
  missing === 0n ? [] : [[span(unsearchedText(missing, 'the modules'), 'dim')]];

/** Runs commands once for each module, in the order of their addresses; what they print are steps. */
export function* forEachModule(console: Console, text: string): Generator<Step, ModuleRun[]> {
  const runs: ModuleRun[] = [];
  const { modules } = listModules(console.system);
  for (const [index, module] of modules.entries()) {
    const results = yield* withLocals(console, aliasesOf(console, module, index), console.runText(text));
    runs.push({ module: module.name, data: results.map(({ data }) => data) });
    if (console.leaving) break;
    yield tick;
  }
  return runs;
}

/** Quotes around all of it are not part of the commands. */
function unquoted(args: string): string {
  const inner = /^"([^"]*)"$/.exec(args.trim())?.[1];
  const text = (inner ?? args).trim();
  if (text === '') throw new DebuggerError('COMMAND_USAGE', 'a command is missing between the quotes');
  return text;
}

/** DEBUG_SYMTYPE_*: symbols from exports, or none. Source: dbgeng.h of the public SDK. */
const symbolTypes = { pdb: 3, isf: 3, profile: 3, exports: 4, none: 0 } as const;

/** Values of the aliases for one module; those that are not known are empty. */
function aliasesOf(console: Console, module: ListedModule, index: number): ReadonlyMap<string, string> {
  const { system } = console;
  const tables = imageTables(system, module.base);
  const version = tables === undefined || tables.version instanceof ImageProblem ? undefined : tables.version;
  const names = {
    ModuleName: module.name,
    ImageName: module.image,
    LoadedImageName: module.image,
    MappedImageName: '',
    SymbolFileName: module.image,
  };
  const entries: readonly (readonly [string, string])[] = [
    ...Object.entries(names),
    ...Object.entries(names).map(([name, value]) => [`${name}Size`, hex(value.length + 1)] as const),
    ['ModuleIndex', hex(index)],
    ['Base', system.plainText(module.base)],
    ['End', system.plainText(module.end)],
    ['Size', hex(module.size)],
    ['TimeDateStamp', digits(module.timeDateStamp)],
    ['Checksum', digits(module.checkSum)],
    ['Flags', '0'],
    ['SymbolType', hex(symbolTypes[module.symbols])],
    ['FileVersion', version?.strings.get('FileVersion') ?? version?.fileVersion ?? ''],
    ['ProductVersion', version?.strings.get('ProductVersion') ?? version?.productVersion ?? ''],
  ];
  return new Map(entries.map(([name, value]) => [`@#${name}`, harmless(value)]));
}

const hex = (value: number): string => value.toString(16);
const digits = (value: number | undefined): string => (value === undefined ? '' : padHex(value, 8));

/** Names come from the dump and become part of a command: nothing in them may end it or begin another one. */
const harmless = (value: string): string => value.replace(/[^\p{L}\p{N} ._\-\\/:()~+,&'@$?#]/gu, '_');

/** The list that the debugger prints without a command. */
function listAll(console: Console): CommandResult {
  const { system } = console;
  const list = listModules(system);
  const lines = list.modules.map(
    ({ base, end, name, image }, index) =>
      `${hex(index).padStart(2, '0')} : ${system.plainText(base)} ${system.plainText(end)} ${name} ${image} ${image}`,
  );
  return { data: list, lines: plain(...lines), call: 'engine.listModules(session.system)' };
}
