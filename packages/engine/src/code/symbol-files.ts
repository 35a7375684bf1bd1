import type { SymbolKind, TriedFile, UsedFile } from '../symbols/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import type { Module } from '../windows/index.ts';

/** Which symbols serve a module, and what was tried for it. */
export interface ModuleSymbolFiles {
  readonly module: string;
  readonly image: string;
  readonly kind: SymbolKind;
  readonly symbols: UsedFile | undefined;
  /** What that file lacks, or why it is not used any more. */
  readonly notes: readonly string[];
  readonly imageFile: UsedFile | undefined;
  /** The PDB that the image wants, where the dump or the image's file tells. */
  readonly pdb: { readonly name: string; readonly guid: string; readonly age: number } | undefined;
  /** Undefined: symbols were not looked for. */
  readonly tried: readonly TriedFile[] | undefined;
  /** What went wrong while looking. */
  readonly problems: readonly string[];
}

/** The files of symbols of all modules, or of one. */
export function listSymbolFiles(system: CrashedSystem, module?: string): ModuleSymbolFiles[] {
  return system.modules
    .filter(({ name }) => module === undefined || name.toLowerCase() === module.toLowerCase())
    .map((each) => symbolFilesOf(system, each));
}

function symbolFilesOf({ symbols }: CrashedSystem, { name, image, base }: Module): ModuleSymbolFiles {
  const own = symbols.moduleAt(base);
  const found = symbols.search?.acquisitions.get(base);
  return {
    module: name,
    image,
    kind: symbols.kindOf(base),
    symbols: own?.files.symbols,
    notes: own?.fileNotes ?? [],
    imageFile: own?.files.image,
    pdb: found?.request.pdb ?? own?.describe().pdb,
    tried: found?.tried,
    problems: found?.problems ?? [],
  };
}
