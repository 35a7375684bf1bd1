import type { SymbolFileKind, SymbolRequest } from './symbol-source.ts';

/** Where a symbol store has a file: `name/key/name`. */
export interface StoreKey {
  readonly name: string;
  readonly key: string;
}

/**
 * Names come out of dumps, which anybody can have made: one that could lead out of its folder, or that some system takes
 * for a device, is no name of a file.
 */
export function isSafeName(name: string): boolean {
  if (!/^[^\\/:*?"<>|\p{Cc}]{1,200}$/u.test(name) || /^\.|[. ]$/.test(name)) return false;
  return !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name);
}

/**
 * Keys of a file in symbol stores, the likeliest first; none where the dump does not tell, or for kinds that stores do not
 * have. A PDB: GUID in upper case, age as `%x`. An image: `%08X%x` of its time stamp and size. Source: Microsoft's
 * page on SymSrv, and the debugger's own messages.
 */
export function storeKeys(request: SymbolRequest, kind: SymbolFileKind): readonly StoreKey[] {
  const keys = kind === 'pdb' ? pdbKeys(request) : kind === 'image' ? imageKeys(request) : [];
  return keys.filter(({ name }) => isSafeName(name));
}

function pdbKeys({ pdb }: SymbolRequest): readonly StoreKey[] {
  if (pdb === undefined || !/^[0-9A-F]{8,32}$/i.test(pdb.guid)) return [];
  return [{ name: pdb.name, key: pdb.guid.toUpperCase() + pdb.age.toString(16) }];
}

/** The kernel is installed under one name and was built under another, which stores may have. Source: the WDK. */
const kernelImages = {
  x86: ['ntkrpamp.exe', 'ntkrnlpa.exe'],
  x64: ['ntkrnlmp.exe'],
  arm64: ['ntkrnlmp.exe'],
};

function imageKeys({ module, image, machine, timestamp, size }: SymbolRequest): readonly StoreKey[] {
  if (timestamp === undefined) return [];
  const key = timestamp.toString(16).toUpperCase().padStart(8, '0') + size.toString(16);
  const others = module === 'nt' ? kernelImages[machine].filter((name) => name !== image.toLowerCase()) : [];
  return [image, ...others].map((name) => ({ name, key }));
}

/** The name of the file where it is packed as a cabinet: `ntkrnlmp.pd_`. */
export const packedName = (name: string): string => `${name.slice(0, -1)}_`;

/** Parts of the path in a store: of two tiers where it says so by a file `index2.txt`. */
export const storeFolder = ({ name, key }: StoreKey, hasTwoTiers: boolean): readonly string[] =>
  hasTwoTiers ? [name.slice(0, 2), name, key] : [name, key];
