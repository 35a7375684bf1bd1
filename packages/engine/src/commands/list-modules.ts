import { type ListedModule, type ModuleSelection, listModules as readModules } from '../code/index.ts';
import { bigHex } from './call-text.ts';
import type { Command } from './command.ts';
import type { Console } from './console.ts';
import { verboseLines } from './module-details.ts';
import { type ModuleRequest, parseModuleOptions } from './module-options.ts';
import { moduleHeading, moduleLine, unloadedLines } from './module-rows.ts';
import { type Line, plain, span } from './output.ts';

export const listModules: Command = {
  names: ['lm'],
  usage: '[OPTIONS] [a ADDR | m PATTERN | M PATTERN]',
  summary: 'list loaded and unloaded modules',
  group: 'modules',
  joins: /^[a-z\d]+(?:[\s*?[(@]|$)/i,
  details: [
    'n image names, t time stamps, f image paths, c checksums, i image names beside the kind of symbols, p mapped files;',
    'v all that is known of a module; o loaded modules alone, l those whose names are known, e those without a PDB;',
    'k kernel modules (all that a kernel dump lists), u those of user mode; sm by name; 1m names only.',
    'a ADDR the module that holds an address; m PATTERN those whose names match, M those whose paths do (* ? [a-f] # +).',
    'Letters may be run together: lmvm nt, lmDvmnt, lmtn, lmstm, lm1ma @$ip.',
  ],
  examples: ['lm', 'lm t n', 'lmvm nt', 'lm a @$ip', 'lm m *stor*', '.foreach (name {lm 1m}) {.echo name}'],
  run(console, args) {
    const request = parseModuleOptions(listModules, console, args);
    const selection = selectionOf(request);
    const { modules, unloaded } = readModules(console.system, selection);
    const shown = request.userMode ? [] : modules;
    const gone = request.loadedOnly || request.withSymbols || request.userMode ? [] : unloaded;
    return {
      data: { modules: shown, unloaded: gone },
      lines: request.namesOnly
        ? plain(...shown.map((module) => module.name))
        : [
            moduleHeading(console),
            ...notes(console, request),
            ...shown.flatMap((module) => moduleLines(console, request, module)),
            ...unloadedLines(console, gone, request.verbose || request.columns.has('stamp')),
          ],
      call: callOf(selection, shown === modules, gone === unloaded),
    };
  },
};

const selectionOf = ({ address, name, path, withSymbols, sortByName }: ModuleRequest): ModuleSelection => ({
  ...(address === undefined ? {} : { address }),
  ...(name === undefined ? {} : { name }),
  ...(path === undefined ? {} : { path }),
  ...(withSymbols ? { symbols: 'any' as const } : {}),
  ...(sortByName ? { sortByName } : {}),
});

/** A call that leaves out what the options leave out. */
function callOf(selection: ModuleSelection, hasModules: boolean, hasUnloaded: boolean): string {
  const options = Object.entries(selection).map(([key, value]) => `${key}: ${literal(value)}`);
  const text = options.length === 0 ? '' : `, { ${options.join(', ')} }`;
  const call = `engine.listModules(session.system${text})`;
  if (hasModules && hasUnloaded) return call;
  return hasModules ? `({ ...${call}, unloaded: [] })` : '({ modules: [], unloaded: [] })';
}

const literal = (value: string | bigint | boolean): string =>
  typeof value === 'bigint' ? bigHex(value) : JSON.stringify(value);

/** Why there is nothing to list. */
function notes({ system }: Console, { userMode }: ModuleRequest): Line[] {
  if (userMode) return [[span('(a kernel dump lists no modules of user mode)', 'dim')]];
  return system.modules.length > 0 ? [] : [[span('(this dump has no list of modules)', 'dim')]];
}

function moduleLines(console: Console, request: ModuleRequest, module: ListedModule): Line[] {
  const line = moduleLine(console, request.columns, module);
  return request.verbose ? [line, ...verboseLines(console, module)] : [line];
}
