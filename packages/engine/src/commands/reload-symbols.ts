import { DebuggerError } from '../base/index.ts';
import { listSymbolFiles, type ModuleSymbolFiles } from '../code/index.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { type Line, span } from './output.ts';
import { noSearch } from './symbol-path.ts';

export const reloadSymbols: Command = {
  names: ['.reload', 'ld', '!sym'],
  usage: '[MODULE | noisy | quiet]',
  summary: 'tell which symbols each module has, where they come from, and why it has no others',
  group: 'modules',
  details: [
    'Nothing is loaded anew: symbols are looked for while a dump is opened. Switches such as /f and /i are passed over.',
    '!sym noisy shows every file that was tried, as .reload MODULE does; !sym quiet those that serve.',
  ],
  examples: ['.reload', '.reload nt', '!sym noisy'],
  run(console, args, name) {
    const words = args.split(/\s+/).filter((word) => word !== '' && !word.startsWith('/'));
    if (words.length > 1) throw usageError(reloadSymbols, 'one module at most');
    const [word] = words;
    const isMode = name === '!sym' && (word === 'noisy' || word === 'quiet');
    const module =
      word === undefined || word === '*' || isMode ? undefined : word.replace(/=.*$|\.\w{3}$/, '');
    const files = listSymbolFiles(console.system, module);
    if (module !== undefined && files.length === 0)
      throw new DebuggerError('MODULE_UNKNOWN', `there is no module ${module}`);
    const all = word === 'noisy' || module !== undefined;
    return {
      data: files,
      lines: [
        ...files
          .filter((each) => all || each.symbols !== undefined || each.imageFile !== undefined)
          .flatMap((each) => moduleLines(each, all)),
        ...summary(console, files, all),
      ],
      call: `engine.listSymbolFiles(session.system${module === undefined ? '' : `, ${JSON.stringify(module)}`})`,
    };
  },
};

const kindTexts = {
  pdb: 'PDB symbols',
  isf: 'ISF symbols',
  profile: 'profile symbols',
  exports: 'export symbols',
  none: 'no symbols',
} as const;

function moduleLines(files: ModuleSymbolFiles, all: boolean): Line[] {
  const { module, kind, symbols, imageFile, pdb, tried, problems } = files;
  const use = (what: string, file: ModuleSymbolFiles['symbols']): Line[] =>
    file === undefined
      ? []
      : [[`    ${what}: ${file.location}`], [span(`      (${file.match.by}: ${file.match.why})`, 'dim')]];
  return [
    [span(module, 'symbol'), `: ${kindTexts[kind]}`],
    ...use('symbols', symbols),
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
