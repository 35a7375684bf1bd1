import type { Va } from '../base/index.ts';
import type { SymbolFileIdentity, SymbolRequest } from './symbol-source.ts';

/** An address that the dump itself gives for something with a name. */
export interface KnownPlace {
  readonly name: string;
  readonly va: Va;
  readonly kind: 'code' | 'data';
  /** Where the dump says so: `header`, `debugger data`. */
  readonly from: string;
}

/** How a file is known to belong to a module. */
export interface SymbolMatch {
  readonly by: 'PDB identity' | 'time stamp and size' | 'known addresses';
  /** One plain sentence part: `27 addresses of the dump are where it has them: PsLoadedModuleList, ...`. */
  readonly why: string;
}

/** Why a file is not used. A value, not an exception. */
export class SymbolRefusal {
  /** One plain sentence without a full stop. */
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** What a match by addresses needs: so many, of which so many in code. */
const leastPlaces = 6;
const leastCode = 1;
/** Names in a reason. */
const shown = 4;

/** The part of a table that the proof needs. */
interface Places {
  readonly identity: SymbolFileIdentity;
  rvaOf(name: string): number | undefined;
}

/**
 * Does a table of symbols belong to a module? By the PDB's GUID and age where the dump tells them; else by time stamp and
 * size, where the file tells those; else the addresses that the dump gives must be those of the names in the file.
 */
export function matchSymbols(
  request: SymbolRequest,
  table: Places,
  places: readonly KnownPlace[],
): SymbolMatch | SymbolRefusal {
  return matchIdentity(request, table.identity) ?? matchPlaces(request, table, places);
}

/** The same without the addresses; undefined where identities do not decide. */
export function matchIdentity(
  request: SymbolRequest,
  { kind, pdb, timestamp, size, machine }: SymbolFileIdentity,
): SymbolMatch | SymbolRefusal | undefined {
  if (machine !== undefined && machine !== request.machine)
    return new SymbolRefusal(`it is for ${machine}, the dump for ${request.machine}`);
  const wanted = request.pdb;
  if (wanted !== undefined && pdb !== undefined) {
    if (wanted.guid === pdb.guid && isSameAge(wanted.age, pdb.age, kind))
      return { by: 'PDB identity', why: `GUID ${pdb.guid} and age ${pdb.age} are those of the image` };
    return new SymbolRefusal(
      `it is of PDB ${pdb.guid}, age ${pdb.age}; the image wants ${wanted.guid}, age ${wanted.age}`,
    );
  }
  if (timestamp === undefined || size === undefined || request.timestamp === undefined) return undefined;
  if (timestamp === request.timestamp && size === request.size)
    return { by: 'time stamp and size', why: 'time stamp and size are those of the module' };
  return new SymbolRefusal(
    `its image has time stamp ${hex(timestamp)} and size ${hex(size)}, the module ${hex(request.timestamp)} and ${hex(request.size)}`,
  );
}

/** Tools that make ISF files write age 1 for any PDB, and profiles may be made of such files. */
const isSameAge = (wanted: number, found: number, kind: SymbolFileIdentity['kind']): boolean =>
  wanted === found || ((kind === 'isf' || kind === 'profile') && found === 1);

function matchPlaces(
  { base, size }: SymbolRequest,
  table: Places,
  places: readonly KnownPlace[],
): SymbolMatch | SymbolRefusal {
  const right: KnownPlace[] = [];
  const wrong: string[] = [];
  for (const place of places) {
    const rva = table.rvaOf(place.name);
    const at = place.va - base;
    if (rva === undefined || at < 0n || at >= BigInt(size)) continue;
    if (BigInt(rva) === at) right.push(place);
    else wrong.push(`${place.name} is at +0x${at.toString(16)} here, at +0x${rva.toString(16)} there`);
  }
  if (wrong.length > 0)
    return new SymbolRefusal(
      `${wrong.length} of ${wrong.length + right.length} known addresses are others: ${wrong.slice(0, shown).join('; ')}`,
    );
  const code = right.filter(({ kind }) => kind === 'code').length;
  if (right.length < leastPlaces || code < leastCode)
    return new SymbolRefusal(
      `nothing proves that it belongs to this image: the dump gives ${right.length} addresses to compare, ${code} of them in code`,
    );
  const names = right.map(({ name }) => name);
  return {
    by: 'known addresses',
    why: `${right.length} addresses of the dump are where it has them, ${code} of them in code: ${names.slice(0, shown).join(', ')}, ...`,
  };
}

const hex = (value: number): string => `0x${value.toString(16)}`;
