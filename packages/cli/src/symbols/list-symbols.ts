import type { Session } from '@poolscope/engine';
import { exitCode } from '../exit-code.ts';
import { openFile } from '../open-file.ts';
import { renderLines } from '../render.ts';
import { type ModuleSymbolsEntry, moduleSymbols } from './module-symbols.ts';
import { NodeSymbolSource, type SourceOptions } from './node-symbol-source.ts';
import { StderrReporter } from './stderr-reporter.ts';
import { openSymbolSource, type SymbolFlags } from './symbol-options.ts';
import { listText } from './symbols-text.ts';

export interface ListFlags extends SymbolFlags {
  readonly json?: boolean;
  readonly color: boolean;
}

/** Tells what serves each module of a dump. Asks no server. */
export async function runList(file: string, flags: ListFlags): Promise<void> {
  const entries = await lookUp(file, flags, { isOffline: true });
  write(entries, flags);
}

/** Fetches what servers have for a dump's modules, or for those named. */
export async function runFetch(file: string, names: readonly string[], flags: ListFlags): Promise<void> {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const isWanted = (entry: { readonly module: string; readonly image: string }) =>
    wanted.size === 0 || wanted.has(entry.module.toLowerCase()) || wanted.has(entry.image.toLowerCase());
  const entries = await lookUp(file, flags, { isFetched: isWanted, server: { askAgain: true } });
  const unknown = [...wanted].filter(
    (name) =>
      !entries.some(({ module, image }) => [module, image].some((each) => each.toLowerCase() === name)),
  );
  if (unknown.length > 0) {
    process.stderr.write(`poolscope: the dump has no module ${unknown.join(', ')}\n`);
    process.exitCode = exitCode.usage;
  }
  write(entries.filter(isWanted), flags);
}

async function lookUp(
  file: string,
  flags: ListFlags,
  options: Partial<SourceOptions>,
): Promise<ModuleSymbolsEntry[]> {
  const reporter = new StderrReporter();
  const source = openSymbolSource(flags, { reporter, ...options }) ?? nowhere(reporter);
  const { session, close }: { session: Session; close: () => void } = await openFile(file, {
    symbols: source,
  });
  try {
    return moduleSymbols(session, source);
  } finally {
    close();
    reporter.clear();
  }
}

/** The modules are listed all the same. */
function nowhere(reporter: StderrReporter): NodeSymbolSource {
  reporter.say('no place for symbols is set; --symbols names a folder, _NT_SYMBOL_PATH a symbol path');
  return new NodeSymbolSource({ elements: [], reporter });
}

function write(entries: readonly ModuleSymbolsEntry[], { json, color }: ListFlags): void {
  process.stdout.write(
    json === true
      ? `${JSON.stringify(entries, null, 2)}\n`
      : renderLines(listText(entries), process.stdout, color),
  );
}
