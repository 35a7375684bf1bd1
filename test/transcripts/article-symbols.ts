import { BufferSource, type SymbolSource } from '@poolscope/engine';
import { type Machine, pdbFiles } from '@poolscope/lab';
import type { DumpName } from './dumps.ts';

/** Dumps of the article, and the modules that its debugger had symbols of. */
export const articleModules: Readonly<Partial<Record<DumpName, readonly string[]>>> = {
  'article-1': ['nt'],
  'article-2': ['nt'],
  'article-3': ['nt'],
  'article-3-driver': ['nt', 'myfault'],
  'article-3-plain': ['nt'],
};

/** Program databases of some modules of a machine, which the lab writes. */
export function programDatabases(machine: Machine, modules: readonly string[]): SymbolSource {
  const files = new Map(pdbFiles(machine).map(({ name, bytes }) => [name, bytes]));
  return {
    path: 'symbols',
    find({ module, pdb }, kind) {
      const bytes = kind === 'pdb' && modules.includes(module) ? files.get(pdb?.name ?? '') : undefined;
      const file = { kind: 'pdb', location: `symbols/${pdb?.name}`, source: new BufferSource(bytes ?? new Uint8Array()) } as const;
      return Promise.resolve(bytes === undefined ? undefined : file);
    },
  };
}
