import type { ProfileStructure } from '../layouts/index.ts';
import type { FrameData } from '../pdb/index.ts';
import type { SymbolFileIdentity } from './symbol-source.ts';

/** What the names of a module come from, best first. */
export type SymbolKind = 'pdb' | 'isf' | 'profile' | 'exports' | 'none';

/** A name and where it stands. */
export interface PlacedName {
  readonly name: string;
  readonly rva: number;
}

/** A name for an address. */
export interface NamedOffset {
  readonly name: string;
  /** Distance from the name; in a program that was reordered after linking, the distance before that. */
  readonly offset: number;
}

/** A function that was inlined where an address is. */
export interface InlineSite {
  readonly name: string;
  /** Distance from where the inlined code begins. */
  readonly offset?: number | undefined;
  /** Line of the inlined function's source, where it is known. */
  readonly source?: SourceLine | undefined;
}

/** A line of source code, by private symbols. */
export interface SourceLine {
  readonly file: string | undefined;
  readonly line: number;
  /** Distance from where the line's code begins, where it is known. */
  readonly offset?: number | undefined;
}

/** Structures that a table describes, in the form of the profiles. */
export interface TypeTable {
  structure(name: string): ProfileStructure | undefined;
  names(): Iterable<string>;
  /** Names of an enumeration's values. */
  enumeration?(name: string): ReadonlyMap<string, number> | undefined;
}

/**
 * Symbols of one image, out of a file. Nothing here throws: a file that turns out to be damaged gives no more names, and
 * `damage` says so.
 */
export interface SymbolTable {
  readonly kind: 'pdb' | 'isf' | 'profile';
  /** Path or URL of the file, or what it is where it is none. */
  readonly location: string;
  readonly identity: SymbolFileIdentity;
  /** It comes with the program. */
  readonly isBuiltIn?: boolean;
  /** Has it procedures and lines, or only what other modules can link to? */
  readonly isPrivate: boolean;
  /** Does it name every function? Otherwise a name counts at its own place, and inside its own function's known bounds. */
  readonly isComplete: boolean;
  /** Why it has stopped giving answers. */
  readonly damage: string | undefined;
  /** What the file lacks of the symbols that there were, one sentence part each. */
  readonly notes?: readonly string[];
  readonly types: TypeTable | undefined;
  /** The name at or before `rva`. */
  nameAt(rva: number): NamedOffset | undefined;
  /** Where a name is, by its whole name; undefined where there is none. */
  rvaOf(name: string): number | undefined;
  /** The names nearest to `rva`: all of one place at or before it, and the first behind it. */
  around(rva: number): { readonly before: readonly PlacedName[]; readonly after?: PlacedName };
  /** All names in the order of their places. */
  names(): Iterable<PlacedName>;
  /** The function around `rva`, end exclusive, where the file tells. */
  boundsAt?(rva: number): { readonly start: number; readonly end: number } | undefined;
  /** Functions inlined at `rva`, the innermost first. */
  inlinesAt?(rva: number): readonly InlineSite[];
  /** The source line of an instruction, where the symbols tell lines. */
  lineAt?(rva: number): SourceLine | undefined;
  /** How the x86 code at `rva` uses its stack. */
  frameDataAt?(rva: number): FrameData | undefined;
}
