import { describe, expect, it } from 'vitest';
import { type KnownPlace, matchSymbols, SymbolRefusal } from './match-symbols.ts';
import type { SymbolFileIdentity, SymbolRequest } from './symbol-source.ts';

const base = 0xffff_f800_0000_0000n;
const guid = 'AABBCCDDEEFF00112233445566778899';
const request: SymbolRequest = {
  module: 'nt',
  base,
  image: 'ntoskrnl.exe',
  machine: 'x64',
  timestamp: 0x5000_0000,
  size: 0x10_0000,
  pdb: undefined,
  need: 'kernel',
};
const identity: SymbolFileIdentity = {
  kind: 'isf',
  pdb: { name: 'ntkrnlmp.pdb', guid, age: 1 },
  timestamp: undefined,
  size: undefined,
  machine: 'x64',
};
const names = ['Code', 'A', 'B', 'C', 'D', 'E', 'F'];
const places: readonly KnownPlace[] = names.map((name, index) => ({
  name,
  va: base + BigInt(index * 0x1000),
  kind: name === 'Code' ? 'code' : 'data',
  from: 'header',
}));
const rvas = new Map(names.map((name, index) => [name, index * 0x1000]));

const match = (
  more: {
    request?: Partial<SymbolRequest>;
    identity?: Partial<SymbolFileIdentity>;
    rvas?: Map<string, number>;
  } = {},
  known = places,
): string => {
  const table = {
    identity: { ...identity, ...more.identity },
    rvaOf: (name: string) => (more.rvas ?? rvas).get(name),
  };
  const result = matchSymbols({ ...request, ...more.request }, table, known);
  return result instanceof SymbolRefusal ? `refused: ${result.reason}` : `${result.by}: ${result.why}`;
};
const without = (...gone: readonly string[]) => new Map([...rvas].filter(([name]) => !gone.includes(name)));

describe('matchSymbols', () => {
  it('takes the PDB identity where both tell it, and then nothing else', () => {
    const pdb = { name: 'x.pdb', guid, age: 1 };
    expect(match({ request: { pdb }, rvas: new Map() })).toBe(
      `PDB identity: GUID ${guid} and age 1 are those of the image`,
    );
    expect(match({ request: { pdb: { ...pdb, guid: guid.replace('A', '0') } } })).toMatch(
      /^refused: it is of PDB AABB.*, age 1; the image wants 0ABB/,
    );
  });

  it('wants the age too, but of ISF files, whose makers write 1 for any, and of profiles made of them', () => {
    const pdb = { name: 'x.pdb', guid, age: 2 };
    expect(match({ request: { pdb } })).toMatch(/^PDB identity/);
    expect(match({ request: { pdb }, identity: { kind: 'profile' } })).toMatch(/^PDB identity/);
    expect(match({ request: { pdb }, identity: { kind: 'pdb' } })).toMatch(/^refused/);
  });

  it('takes time stamp and size where the dump does not tell the PDB', () => {
    const image = { timestamp: 0x5000_0000, size: 0x10_0000 };
    expect(match({ identity: image, rvas: new Map() })).toMatch(/^time stamp and size/);
    expect(match({ identity: { ...image, size: 0x20_0000 } })).toBe(
      'refused: its image has time stamp 0x50000000 and size 0x200000, the module 0x50000000 and 0x100000',
    );
  });

  it('refuses another machine before all', () => {
    expect(match({ identity: { machine: 'arm64' } })).toBe('refused: it is for arm64, the dump for x64');
  });

  it('takes addresses that all agree, several and some in code', () => {
    expect(match()).toBe(
      'known addresses: 7 addresses of the dump are where it has them, 1 of them in code: Code, A, B, C, ...',
    );
  });

  it('refuses one address that is another', () => {
    expect(match({ rvas: new Map([...rvas, ['C', 0x4444]]) })).toBe(
      'refused: 1 of 7 known addresses are others: C is at +0x3000 here, at +0x4444 there',
    );
  });

  it('refuses what proves too little: few addresses, or none in code', () => {
    expect(match({ rvas: without('A', 'B') })).toMatch(
      /^refused: nothing proves.* 5 addresses to compare, 1 of them/,
    );
    expect(match({ rvas: without('Code') })).toMatch(
      /^refused: nothing proves.* 6 addresses to compare, 0 of them/,
    );
    expect(match({}, [])).toMatch(/^refused: nothing proves/);
  });

  it('counts no address outside of the module', () => {
    const far = places.map((place) => (place.name === 'A' ? { ...place, va: base - 1n } : place));
    expect(match({}, far)).toMatch(/^known addresses: 6/);
  });
});
