import { unpackSmall } from '../archive/index.ts';
import { DebuggerError, utf8Text } from '../base/index.ts';
import type { Machine } from '../cpu/index.ts';
import type { ByteSource } from '../io/index.ts';
import { IsfTypes, isObject, type Json } from './isf-types.ts';

/**
 * Symbols and types as JSON, the form of Volatility 3 ("intermediate symbol format", schemas 3 to 6; its documentation and
 * the published JSON schemas are the source). Addresses count from the image's base.
 */

/** What the file says of the image and PDB that it was made of. */
export interface IsfIdentity {
  readonly pdb: { readonly name: string; readonly guid: string; readonly age: number } | undefined;
  readonly machine: Machine | undefined;
}

/** Bytes that hold the metadata in files whose keys are sorted, which the makers of these files do. */
const headSize = 512 << 10;
/** Bytes that are searched for them elsewhere: the largest of these files have 30 MB. */
const searchedSize = 64 << 20;
/** Characters of metadata, and places that may be those: types may have members of that name. */
const longestMetadata = 64 << 10;
const mostMetadata = 16;
const machines: Readonly<Record<number, Machine>> = { 0x8664: 'x64', 0x14c: 'x86', 0xaa64: 'arm64' };

/** An ISF file, read whole: names with their places, and types when they are asked for. Throws SYMBOLS_UNREADABLE. */
export class IsfFile {
  readonly identity: IsfIdentity;
  readonly types: IsfTypes;
  /** Offsets from the image's base in ascending order, and the names at them. */
  readonly rvas: Uint32Array;
  readonly names: readonly string[];
  readonly #byName: Json;

  /** `source` may be packed by gzip or xz. */
  constructor(source: ByteSource) {
    const file = parse(unpack(source));
    this.identity = identityOf(file);
    this.types = new IsfTypes(file);
    this.#byName = isObject(file.symbols) ? file.symbols : {};
    const places = sortedPlaces(this.#byName);
    this.rvas = places.rvas;
    this.names = places.names;
  }

  rvaOf(name: string): number | undefined {
    return Object.hasOwn(this.#byName, name) ? addressOf(this.#byName[name]) : undefined;
  }
}

/** The identity of a file, without reading the rest of it; undefined when it is no ISF file. */
export function readIsfIdentity(source: ByteSource): IsfIdentity | undefined {
  try {
    for (const enough of [headSize, searchedSize]) {
      const bytes = unpackSmall(source, { enough });
      const text = utf8Text(bytes);
      if (!/^[\s\uFEFF]*\{/.test(text)) return undefined;
      const found = findIdentity(text);
      if (found !== undefined || bytes.length < headSize) return found;
    }
  } catch (error) {
    if (!(error instanceof DebuggerError)) throw error;
  }
  return undefined;
}

/** By the first metadata that name a PDB; those that name none count where there are no others. */
function findIdentity(text: string): IsfIdentity | undefined {
  let first: IsfIdentity | undefined;
  let count = 0;
  for (const { index, 0: key } of text.matchAll(/"metadata"\s*:\s*\{/g)) {
    if (count++ >= mostMetadata) break;
    const start = index + key.length - 1;
    const metadata = objectAt(text.slice(start, start + longestMetadata));
    const identity = metadata === undefined ? undefined : identityOf({ metadata });
    if (identity?.pdb !== undefined) return identity;
    first ??= identity;
  }
  return first;
}

/** The JSON object that a text begins with; undefined where it does not end, or is none. */
function objectAt(text: string): Json | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++;
    } else if (char === '{') depth++;
    else if (char === '}' && --depth === 0) return parseQuietly(text.slice(0, at + 1));
  }
  return undefined;
}

function parseQuietly(text: string): Json | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function unpack(source: ByteSource): string {
  return utf8Text(unpackSmall(source));
}

function parse(text: string): Json {
  try {
    const value: unknown = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
    if (isObject(value)) return value;
  } catch (cause) {
    throw unreadable('it is no JSON', cause);
  }
  throw unreadable('it holds no object');
}

const unreadable = (why: string, cause?: unknown) =>
  new DebuggerError('SYMBOLS_UNREADABLE', `the ISF file cannot be read: ${why}`, { cause });

function identityOf(file: Json): IsfIdentity {
  const metadata = isObject(file.metadata) ? file.metadata : {};
  const windows = isObject(metadata.windows) ? metadata.windows : {};
  const pdb = isObject(windows.pdb) ? windows.pdb : {};
  const { GUID: guid, age, database: name, machine_type: machine } = pdb;
  const isKnown =
    typeof guid === 'string' &&
    /^[0-9a-f]{32}$/i.test(guid) &&
    typeof age === 'number' &&
    Number.isInteger(age);
  return {
    pdb: isKnown ? { name: typeof name === 'string' ? name : '', guid: guid.toUpperCase(), age } : undefined,
    machine: typeof machine === 'number' ? machines[machine] : undefined,
  };
}

const addressOf = (symbol: unknown): number | undefined => {
  const address = isObject(symbol) ? symbol.address : undefined;
  const fits =
    typeof address === 'number' && Number.isInteger(address) && address >= 0 && address <= 0xffff_ffff;
  return fits ? address : undefined;
};

/** Names in the order of their places; those of one place in the order of the alphabet. */
function sortedPlaces(symbols: Json): { rvas: Uint32Array; names: readonly string[] } {
  const names = Object.keys(symbols).filter((name) => addressOf(symbols[name]) !== undefined);
  const rvas = Float64Array.from(names, (name) => addressOf(symbols[name])!);
  // One number a name: its place and its index.
  const keys = rvas.map((rva, index) => rva * 0x20_0000 + index);
  if (names.length >= 0x20_0000) throw unreadable('it has too many symbols');
  keys.sort();
  const sorted = new Uint32Array(keys.length);
  const ordered: string[] = [];
  for (const [at, key] of keys.entries()) {
    sorted[at] = Math.floor(key / 0x20_0000);
    ordered.push(names[key % 0x20_0000]!);
  }
  return { rvas: sorted, names: ordered };
}
