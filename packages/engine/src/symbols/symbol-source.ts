import type { Va } from '../base/index.ts';
import type { Machine } from '../cpu/index.ts';
import type { ByteSource } from '../io/index.ts';

/**
 * Kinds of files that can serve a module.
 * - `pdb`: a program database
 * - `isf`: symbols and types as JSON (Volatility's form), also packed with gzip or xz
 * - `profile`: a small extract of one of these, made by `packProfile`
 * - `image`: the module's own file, which has unwind tables, exports and code that a dump may lack
 */
export type SymbolFileKind = 'pdb' | 'isf' | 'profile' | 'image';

/** What ties a program database to an image. */
export interface PdbIdentity {
  /** File name of the PDB, without a path. */
  readonly name: string;
  /** 32 hexadecimal digits in upper case, as in the paths of symbol stores. */
  readonly guid: string;
  readonly age: number;
}

/** A module of the dump, and what the dump says of its image. */
export interface SymbolRequest {
  /** The debugger's name, `nt`. */
  readonly module: string;
  readonly base: Va;
  /** File name of the image, `ntoskrnl.exe`. */
  readonly image: string;
  readonly machine: Machine;
  /** TimeDateStamp and SizeOfImage: the key of images in a symbol store. */
  readonly timestamp: number | undefined;
  readonly size: number;
  /** From the image's debug directory; undefined where the dump does not hold it, as small dumps do not for nt. */
  readonly pdb: PdbIdentity | undefined;
  /**
   * How much depends on it: the kernel's own, of a module on the crash's stack, or merely loaded. A source that would
   * have to fetch a file may leave out the last.
   */
  readonly need: 'kernel' | 'stack' | 'loaded';
}

/** What a file says of itself, or what the place where it lies says. */
export interface SymbolFileIdentity {
  readonly kind: SymbolFileKind;
  /** A PDB's own; of an image, an ISF file or a profile the one that it belongs to. */
  readonly pdb: PdbIdentity | undefined;
  readonly timestamp: number | undefined;
  readonly size: number | undefined;
  /** Undefined where the file does not tell, or it is a machine that the engine does not know. */
  readonly machine: Machine | undefined;
}

/** A file that may serve a module. The engine checks its identity again before it believes it. */
export interface SymbolFile {
  readonly kind: SymbolFileKind;
  /** A path or URL, for people. */
  readonly location: string;
  /** The file's bytes, as they are stored; .gz and .xz of ISF files are unpacked by the engine. */
  readonly source: ByteSource;
}

/**
 * Where symbols are looked for: folders, symbol stores, servers, files dropped on a page. Made by the host. Asked while
 * a dump is opened, never later. It reports what it cannot reach by giving nothing; an error that it throws becomes the
 * reason why the module has no symbols.
 */
export interface SymbolSource {
  /** What people set, as one text: shown by `.sympath`. */
  readonly path: string;
  /**
   * The file of a kind that belongs to the request, by its identity: `pdb`, `isf` and `profile` by PDB GUID and age,
   * `image` by time stamp and size. Undefined where there is none.
   */
  find(request: SymbolRequest, kind: SymbolFileKind): Promise<SymbolFile | undefined>;
  /**
   * Files of a kind that may belong to the request where the dump does not tell which does: right machine, and a name
   * that fits. The engine tries them and proves which one it is. Bounded by the source; local files only.
   */
  candidates?(request: SymbolRequest, kind: SymbolFileKind): AsyncIterable<SymbolFile>;
}
