import type { Acquisition, Session, UsedFile } from '@poolscope/engine';
import type { NodeSymbolSource } from './node-symbol-source.ts';
import { type Attempt, outcomeText, problemText } from './search-log.ts';

/** What serves a module of a dump, or why nothing does. Numbers are in the form of the JSON report. */
export interface ModuleSymbolsEntry {
  readonly module: string;
  readonly image: string;
  readonly base: string;
  readonly size: number;
  readonly timestamp: string | null;
  readonly pdb: { readonly name: string; readonly guid: string; readonly age: number } | null;
  /** `pdb`, `isf`, `profile`, `exports` or `none`. */
  readonly symbols: string;
  readonly files: readonly { readonly kind: string; readonly path: string; readonly why: string }[];
  /** Files and places that did not serve; `why` is null where there is just nothing. */
  readonly tried: readonly { readonly kind: string; readonly where: string; readonly why: string | null }[];
  /** Where stores and servers would have the PDB, or the image where the PDB is not known. */
  readonly places: readonly string[];
}

/** Looked-for symbols of every module of an opened dump, in the order of the module list. */
export function moduleSymbols(session: Session, source: NodeSymbolSource): ModuleSymbolsEntry[] {
  const { symbols, modules } = session.system;
  return modules.flatMap(({ base }) => {
    const found = symbols.search?.acquisitions.get(base);
    return found === undefined
      ? []
      : [entryOf(found, symbols.kindOf(base), symbols.moduleAt(base)?.files.symbols, source)];
  });
}

function entryOf(
  { request, tried, problems }: Acquisition,
  symbols: string,
  used: UsedFile | undefined,
  source: NodeSymbolSource,
): ModuleSymbolsEntry {
  const { module, image, base, size, timestamp, pdb } = request;
  const kind = pdb === undefined ? 'image' : 'pdb';
  const refused = tried.filter(({ match }) => match === undefined);
  const attempts = source.log
    .of(module)
    .filter(({ outcome }) => outcome !== 'found' && outcome !== 'skipped');
  return {
    module,
    image,
    base: hex(base),
    size,
    timestamp: timestamp === undefined ? null : hex(timestamp),
    pdb: pdb ?? null,
    symbols,
    files: [
      ...tried
        .filter(({ match }) => match !== undefined)
        .map(({ kind: of, location, why }) => ({ kind: of, path: location, why })),
      ...(used?.isBuiltIn === true ? [{ kind: 'built-in', path: used.location, why: used.match.why }] : []),
    ],
    tried: [
      ...attempts.map((attempt) => ({ kind: attempt.kind, where: attempt.where, why: reason(attempt) })),
      ...refused.map(({ kind: of, location, why }) => ({ kind: of, where: location, why })),
      ...problems
        .filter((why) => !attempts.some((attempt) => problemText(attempt) === why))
        .map((why) => ({ kind, where: source.path, why })),
    ],
    places: source.placesFor(request, kind),
  };
}

const reason = (attempt: Attempt): string | null =>
  attempt.outcome === 'absent' && attempt.why === undefined ? null : outcomeText(attempt);

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** The identity by which a module's symbols are looked for: the key of stores. */
export function identityText(entry: ModuleSymbolsEntry): string {
  const { pdb, timestamp, image } = entry;
  if (pdb !== null) return `${pdb.name}/${pdb.guid}${pdb.age.toString(16)}`;
  if (timestamp === null) return 'the dump tells neither its PDB nor its time stamp';
  const key = timestamp.slice(2).toUpperCase().padStart(8, '0') + entry.size.toString(16);
  return `${image}/${key} (its PDB is not in the dump)`;
}
