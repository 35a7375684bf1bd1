import { DebuggerError, utf8Bytes, utf8Text } from '../base/index.ts';
import type { ByteSource } from '../io/index.ts';
import { type ProfileStructure, profiles, Series } from '../layouts/index.ts';
import { PlacedNames } from './placed-names.ts';
import type { SymbolFileIdentity } from './symbol-source.ts';
import type { PlacedName, SymbolTable, TypeTable } from './symbol-table.ts';
import { isUsedSymbol } from './used-symbols.ts';

/**
 * A packed profile: a small JSON file with the structures of one kernel and the places of names, made of a PDB or ISF file.
 *
 *     { "format": "poolscope.symbols", "version": 1, "from": "isf", "machine": "x64",
 *       "pdb": { "name": "ntkrnlmp.pdb", "guid": "...", "age": 1 }, "complete": false,
 *       "names": "3f5c80 KeBugCheckEx\n10 ...", "structures": "_POOL_HEADER 10\n ...", "enums": { ... } }
 *
 * `names` has a line a name: the distance from the one before in hexadecimal, and the name. `structures` is written as in
 * docs/formats/structure-profiles.md. Later versions of the format get another number and are refused by older readers.
 */
const format = 'poolscope.symbols';
const version = 1;

const maxBytes = 64 << 20;
const maxRva = 0xffff_ffff;

/** Structures that no built-in profile has, but that pools, heaps and verifier of a newer kernel may need. */
const packedTypes = /POOL|HEAP|SEGMENT|_VS_|LFH|VERIFIER|_MMPTE|_MMPFN|_MI_|SPECIAL|_KTRAP_FRAME|_OBJECT_/;

/** What a packed profile keeps. */
export interface PackOptions {
  /** All names instead of those that the engine looks up: larger, and names every function on a stack. */
  readonly allNames?: boolean;
  /** What the image's file says of itself, where it is known. */
  readonly timestamp?: number;
  readonly size?: number;
}

/** Makes a packed profile of a table. Throws SYMBOLS_UNREADABLE where the table has nothing to pack or no identity. */
export function packProfile(table: SymbolTable, options: PackOptions = {}): Uint8Array {
  const { pdb, machine } = table.identity;
  if (pdb === undefined || machine === undefined)
    throw unreadable('the file does not say which image it belongs to');
  const names = [...table.names()].filter(({ name }) => options.allNames === true || isUsedSymbol(name));
  const structures = packStructures(table.types);
  const enums = packEnumerations(table.types, structures);
  if (names.length === 0 && structures === '') throw unreadable('nothing in it serves the engine');
  const packed = {
    format,
    version,
    from: table.kind,
    machine,
    pdb,
    ...(options.timestamp === undefined ? {} : { timestamp: options.timestamp }),
    ...(options.size === undefined ? {} : { size: options.size }),
    complete: options.allNames === true,
    names: packNames(names),
    structures,
    ...(Object.keys(enums).length === 0 ? {} : { enums }),
  };
  return utf8Bytes(`${JSON.stringify(packed)}\n`);
}

function packNames(names: readonly PlacedName[]): string {
  let last = 0;
  const lines = [...names]
    .sort((a, b) => a.rva - b.rva)
    .map(({ name, rva }) => {
      const line = `${(rva - last).toString(16)} ${name}`;
      last = rva;
      return line;
    });
  return lines.join('\n');
}

function packStructures(types: TypeTable | undefined): string {
  if (types === undefined) return '';
  const wanted = new Set(profiles.flatMap((profile) => profile.names()));
  const lines: string[] = [];
  for (const name of [...types.names()].sort()) {
    if (!/^\w+$/.test(name) || !(wanted.has(name) || packedTypes.test(name))) continue;
    const structure = types.structure(name);
    if (structure === undefined) continue;
    lines.push(`${name} ${structure.size.toString(16)}`);
    for (const { path, type, offset } of structure.members)
      lines.push(` ${path} ${type} ${offset.toString(16)}`);
  }
  return lines.join('\n');
}

/** Values of the enumerations that members of the structures are of. */
function packEnumerations(types: TypeTable | undefined, structures: string): Record<string, object> {
  const wanted = new Set(Array.from(structures.matchAll(/=(\w+)/g), ([, name]) => name!));
  const known = [...wanted].sort().map((name) => [name, types?.enumeration?.(name)] as const);
  return Object.fromEntries(
    known.flatMap(([name, values]) => (values === undefined ? [] : [[name, Object.fromEntries(values)]])),
  );
}

/** A packed profile as a table. Throws SYMBOLS_UNREADABLE. */
export class PackedTable implements SymbolTable {
  readonly kind = 'profile';
  readonly isPrivate = false;
  readonly isComplete: boolean;
  readonly damage = undefined;
  readonly location: string;
  readonly identity: SymbolFileIdentity;
  readonly types: TypeTable;
  readonly #placed: PlacedNames;
  readonly #rvas: ReadonlyMap<string, number>;

  constructor(source: ByteSource, location: string) {
    const file = parse(source);
    this.location = location;
    this.identity = identityOf(file);
    this.isComplete = file.complete === true;
    const names = unpackNames(file.names);
    this.#placed = new PlacedNames(
      Uint32Array.from(names, ({ rva }) => rva),
      names.map(({ name }) => name),
    );
    this.#rvas = new Map(names.map(({ name, rva }) => [name, rva]));
    const series = new Series({
      builds: ['0'],
      structures: typeof file.structures === 'string' ? file.structures : '',
    });
    this.types = {
      structure: (name): ProfileStructure | undefined => series.structure(name, 0),
      names: () => series.names(),
      enumeration: (name) => enumerationOf(file.enums, name),
    };
  }

  rvaOf(name: string): number | undefined {
    return this.#rvas.get(name);
  }

  nameAt(rva: number) {
    return this.#placed.nameAt(rva);
  }

  around(rva: number) {
    return this.#placed.around(rva);
  }

  names() {
    return this.#placed.names();
  }
}

/** Identity of a packed profile; undefined when the file is none. */
export function readPackedIdentity(source: ByteSource): SymbolFileIdentity | undefined {
  try {
    return identityOf(parse(source));
  } catch (error) {
    if (error instanceof DebuggerError) return undefined;
    throw error;
  }
}

type File = Readonly<Record<string, unknown>>;

function parse(source: ByteSource): File {
  if (source.size > maxBytes) throw unreadable('it is too large');
  const bytes = new Uint8Array(source.size);
  const text = utf8Text(bytes.subarray(0, source.readInto(0, bytes)));
  if (!text.trimStart().startsWith(`{"format":"${format}"`)) throw unreadable('it does not begin like one');
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw unreadable('it is no JSON', cause);
  }
  if (!isObject(file)) throw unreadable('it holds no object');
  const given = file.version;
  if (given !== version)
    throw unreadable(`it is of version ${String(given).slice(0, 20)}, this program reads ${version}`);
  return file;
}

const unreadable = (why: string, cause?: unknown) =>
  new DebuggerError('SYMBOLS_UNREADABLE', `no packed profile: ${why}`, { cause });

function identityOf({ pdb, machine, timestamp, size }: File): SymbolFileIdentity {
  const given: File = isObject(pdb) ? pdb : {};
  const { name, guid, age } = given;
  const isKnown = typeof guid === 'string' && /^[0-9A-F]{32}$/.test(guid) && Number.isInteger(age);
  return {
    kind: 'profile',
    pdb: isKnown ? { name: typeof name === 'string' ? name : '', guid, age: age as number } : undefined,
    machine: machine === 'x64' || machine === 'x86' || machine === 'arm64' ? machine : undefined,
    timestamp: Number.isInteger(timestamp) ? (timestamp as number) : undefined,
    size: Number.isInteger(size) ? (size as number) : undefined,
  };
}

function enumerationOf(enums: unknown, name: string): ReadonlyMap<string, number> | undefined {
  const found = isObject(enums) && Object.hasOwn(enums, name) ? enums[name] : undefined;
  if (!isObject(found)) return undefined;
  return new Map(
    Object.entries(found).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}

const isObject = (value: unknown): value is File => typeof value === 'object' && value !== null;

function unpackNames(text: unknown): PlacedName[] {
  const names: PlacedName[] = [];
  let rva = 0;
  for (const line of typeof text === 'string' && text !== '' ? text.split('\n') : []) {
    const blank = line.indexOf(' ');
    const distance = Number.parseInt(line.slice(0, blank), 16);
    rva += distance;
    if (blank <= 0 || !(distance >= 0) || rva > maxRva) throw unreadable('a name has no place');
    names.push({ name: line.slice(blank + 1), rva });
  }
  return names;
}
