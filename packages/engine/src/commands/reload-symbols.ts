import { DebuggerError } from '../base/index.ts';
import { listSymbolFiles, type ModuleSymbolFiles } from '../code/index.ts';
import { loadSymbolsOf, readSystem } from '../system/index.ts';
import { type Command, type CommandRun, type Step, usageError, waitFor } from './command.ts';
import type { Console } from './console.ts';
import type { OpenedSymbols } from './host.ts';
import { type CommandResult, type Line, span } from './output.ts';
import { noSearch } from './symbol-path.ts';

export const reloadSymbols: Command = {
  names: ['.reload', 'ld', '!sym'],
  usage: '[/f] [MODULE | noisy | quiet]',
  summary:
    'look for symbols anew; tell which ones each module has, where they come from, and why it has no others',
  group: 'modules',
  details: [
    'Symbols are looked for while a dump is opened. /f looks anew, as .reload without it does after .sympath: for the kernel',
    'and what is on the stack, or for the module that is named. ld MODULE looks for one that has none. Other switches are',
    'passed over.',
    '!sym noisy shows every file that was tried, as .reload MODULE does; !sym quiet those that serve.',
  ],
  examples: ['.reload', '.reload /f', '.reload nt', '!sym noisy'],
  run(console, args, name) {
    const asked = readRequest(args, name);
    return isAnew(console, asked, name) ? reload(console, asked) : tell(console, asked);
  },
};

interface ReloadRequest {
  /** Undefined: all. */
  readonly module: string | undefined;
  readonly isForced: boolean;
  readonly isNoisy: boolean;
}

function readRequest(args: string, name: string): ReloadRequest {
  const words = args.split(/\s+/).filter((word) => word !== '');
  const [word, ...more] = words.filter((each) => !each.startsWith('/'));
  if (more.length > 0) throw usageError(reloadSymbols, 'one module at most');
  const isMode = name === '!sym' && (word === 'noisy' || word === 'quiet');
  const module = word === undefined || word === '*' || isMode ? undefined : word.replace(/=.*$|\.\w{3}$/, '');
  return {
    module,
    isForced: name !== '!sym' && words.includes('/f'),
    isNoisy: isMode && word === 'noisy',
  };
}

function isAnew(console: Console, { module, isForced }: ReloadRequest, name: string): boolean {
  if (console.host.symbols === undefined || name === '!sym') return false;
  if (isForced || (name === '.reload' && console.symbolsAreOld)) return true;
  return (
    name === 'ld' && module !== undefined && moduleNamed(console, module).every((each) => !hasFile(each))
  );
}

const hasFile = ({ symbols }: ModuleSymbolFiles): boolean =>
  symbols !== undefined && symbols.isBuiltIn !== true;

/** Throws MODULE_UNKNOWN. */
function moduleNamed({ system }: Console, module: string): readonly ModuleSymbolFiles[] {
  const files = listSymbolFiles(system, module);
  if (files.length === 0) throw new DebuggerError('MODULE_UNKNOWN', `there is no module ${module}`);
  return files;
}

/** Looks anew: for one module, or for all where it is the kernel, by which everything else is read. */
function* reload(console: Console, asked: ReloadRequest): CommandRun {
  const { module } = asked;
  if (module !== undefined) moduleNamed(console, module);
  const opened = console.host.symbols?.open();
  let isKept = false;
  try {
    if (opened !== undefined && module !== undefined && module.toLowerCase() !== 'nt')
      isKept = yield* loadOne(console, module, opened);
    else {
      const { target, disassembler } = console.system;
      const system = yield* waitFor(readSystem(target, disassembler, opened?.source));
      console.useSystem(system, opened);
      isKept = true;
    }
  } finally {
    if (!isKept) opened?.close();
  }
  return tell(console, asked);
}

/** Gives whether a file serves the module now. */
function* loadOne(console: Console, name: string, opened: OpenedSymbols): Generator<Step, boolean> {
  let isUsed = false;
  for (const module of console.system.modules) {
    if (module.name.toLowerCase() !== name.toLowerCase()) continue;
    const { tried } = yield* waitFor(loadSymbolsOf(console.system, module, opened.source));
    isUsed ||= tried.some(({ match }) => match !== undefined);
  }
  if (isUsed) console.keepSymbolFiles(opened);
  return isUsed;
}

function tell(console: Console, { module, isForced, isNoisy }: ReloadRequest): CommandResult {
  const files = module === undefined ? listSymbolFiles(console.system) : moduleNamed(console, module);
  const all = isNoisy || module !== undefined;
  return {
    data: files,
    lines: [
      ...files
        .filter((each) => all || each.symbols !== undefined || each.imageFile !== undefined)
        .flatMap((each) => moduleLines(each, all)),
      ...summary(console, files, all),
      ...(isForced && console.host.symbols === undefined
        ? [
            [
              span(
                '(symbols were looked for when the dump was opened, and cannot be looked for anew here)',
                'dim',
              ),
            ],
          ]
        : []),
    ],
    call: `engine.listSymbolFiles(session.system${module === undefined ? '' : `, ${JSON.stringify(module)}`})`,
  };
}

const kindTexts = {
  pdb: 'PDB symbols',
  isf: 'ISF symbols',
  profile: 'profile symbols',
  exports: 'export symbols',
  none: 'no symbols',
} as const;

function moduleLines(files: ModuleSymbolFiles, all: boolean): Line[] {
  const { module, kind, symbols, notes, imageFile, pdb, tried, problems } = files;
  const use = (what: string, file: ModuleSymbolFiles['symbols']): Line[] =>
    file === undefined
      ? []
      : [[`    ${what}: ${file.location}`], [span(`      (${file.match.by}: ${file.match.why})`, 'dim')]];
  return [
    [span(module, 'symbol'), `: ${kindTexts[kind]}`],
    ...use('symbols', symbols),
    ...notes.map((note): Line => [span(`      (${note})`, 'dim')]),
    ...use('image', imageFile),
    ...(all && pdb !== undefined ? [[`    wants ${pdb.name} ${pdb.guid}, age ${pdb.age}`]] : []),
    ...(all ? refusedLines(tried ?? []) : []),
    ...problems.map((problem): Line => ['    ', span(problem, 'warning')]),
  ];
}

const refusedLines = (tried: NonNullable<ModuleSymbolFiles['tried']>): Line[] =>
  tried
    .filter(({ match }) => match === undefined)
    .flatMap(({ location, why }): Line[] => [[`    refused: ${location}`], [span(`      (${why})`, 'dim')]]);

function summary({ system }: Console, files: readonly ModuleSymbolFiles[], all: boolean): Line[] {
  if (system.symbols.search === undefined) return [noSearch];
  const served = files.filter(({ symbols }) => symbols !== undefined && symbols.isBuiltIn !== true).length;
  return all && files.length === 1
    ? []
    : [[span(`(${served} of ${files.length} modules have symbols from files)`, 'dim')]];
}
