import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasShared, sharedPath } from '../../../../test/shared-files.ts';
import { unpackCabinet } from '../archive/index.ts';
import { BufferSource } from '../io/index.ts';
import { readInlineRanges } from './inline-annotations.ts';
import { ModuleSymbolRecords } from './module-symbols.ts';
import { PdbFile } from './pdb-file.ts';

/** Files that are whole; the fuzzed and the compressed one have tests of their own. */
const files = hasShared
  ? (readdirSync(sharedPath('pdbs'), { recursive: true }) as string[]).filter(
      (name) => name.endsWith('.pdb') && !name.includes('fuzzed'),
    )
  : [];

const read = (name: string) => readFileSync(sharedPath(`pdbs/${name}`));
const open = (name: string) => new PdbFile(new BufferSource(read(name)));

/** PDB-4: every public symbol by its name, and by its place where it has one. */
function expectPublics({ publics, sections }: PdbFile): void {
  for (let index = 0; index < publics.count; index++) {
    const symbol = publics.at(index)!;
    expect(publics.findByName(symbol.name)?.name).toBe(symbol.name);
    expect(publics.findByName(symbol.name.toUpperCase(), true)).toBeDefined();
    const rva = sections.rvaOf(symbol);
    const place = rva === undefined ? undefined : sections.placeOf(rva);
    if (place === undefined) continue;
    expect(place).toEqual({ section: symbol.section, offset: symbol.offset });
    const found = publics.findIndexBefore(place)!;
    expect(publics.at(found)).toMatchObject({ section: symbol.section, offset: symbol.offset });
    expect(found).toBeLessThanOrEqual(index);
  }
}

/** PDB-5: every linked procedure is found by each end of its code; folded ones under one of their names. */
function expectProcedures(pdb: PdbFile): void {
  for (const code of pdb.privates.procedures()) {
    const rva = pdb.sections.rvaOf(code)!;
    for (const at of [0, code.length - 1]) {
      const found = pdb.nameAt(rva + at)!;
      expect([found.kind, found.offset]).toEqual(['procedure', at]);
    }
  }
}

/** PDB-8: inlined code lies in its procedure, and in the code that it was inlined into. */
function expectInlines(pdb: PdbFile): { sites: number; outside: number } {
  let [sites, outside] = [0, 0];
  for (const { stream, symbolBytes } of pdb.privates.modules) {
    const bytes = stream === undefined ? undefined : pdb.msf.stream(stream)?.bytes();
    const symbols = new ModuleSymbolRecords((bytes ?? new Uint8Array(0)).subarray(0, symbolBytes));
    for (const code of symbols.procedures) {
      const open: ReturnType<typeof readInlineRanges>[] = [];
      for (const site of code.kind === 'procedure' ? symbols.inlineSites(code) : []) {
        const ranges = readInlineRanges(site.annotations);
        const around = open[site.depth - 1];
        open[site.depth] = ranges;
        for (const { end } of ranges) expect(end).toBeLessThanOrEqual(code.length);
        const isInside = ranges.every(
          ({ start }) => around?.some((each) => start >= each.start && start < each.end) ?? true,
        );
        if (!isInside) outside++;
        sites++;
      }
    }
  }
  return { sites, outside };
}

describe.skipIf(!hasShared)('real program databases', () => {
  it.each(files)('%s: every symbol is found by its name and by its place', (name) => {
    const pdb = open(name);
    expect(pdb.identity.guid).toMatch(/^[0-9A-F]{32}$/);
    expectPublics(pdb);
    expectProcedures(pdb);
    const { sites, outside } = expectInlines(pdb);
    // One compiler, of the Rust language, gives a few inner sites code that its outer ones do not list.
    expect(outside).toBeLessThanOrEqual(name.includes('rust') ? sites * 0.002 : 0);
    const names = [...pdb.names()];
    expect(names.length).toBeGreaterThan(0);
    for (const each of names) expect(pdb.nameAt(each.rva)).toBeDefined();
  });

  it('refuses the fuzzed file', () => {
    expect(() => new PdbFile(new BufferSource(read('misc/fuzzed.pdb'))).nameAt(0x1000)).toThrow(
      expect.objectContaining({ code: 'PDB_UNREADABLE' }),
    );
  });

  it('refuses files that were cut, wherever', () => {
    const whole = read('systeminformer/amd64/ksi.pdb');
    for (const part of [0, 0.1, 0.5, 0.9]) {
      const cut = new BufferSource(whole.subarray(0, Math.floor(whole.length * part)));
      expect(() => new PdbFile(cut)).toThrow(expect.objectContaining({ code: 'PDB_UNREADABLE' }));
    }
  });
});

describe.skipIf(!hasShared)('a large program of x86, linked incrementally', () => {
  let pdb: PdbFile;
  beforeAll(async () => {
    pdb = new PdbFile((await unpackCabinet(new BufferSource(read('misc/basic32.pd_')))).source);
  });

  it('has all names and inlined code in their places', () => {
    expectPublics(pdb);
    expectProcedures(pdb);
    expect(expectInlines(pdb)).toEqual({ sites: 5231, outside: 0 });
  });

  it('PDB-10: finds the jumps of its table by their targets', () => {
    const jumps = [...pdb.names()].filter(({ name }) => name.startsWith('ILT+'));
    expect(jumps.length).toBe(2351);
    expect(jumps.some(({ name }) => name === 'ILT+5(pDNameNode::length)')).toBe(true);
  });

  it('PDB-12: describes frames', () => {
    expect(pdb.fpoAt(0xb610)).toMatchObject({
      parameterBytes: expect.any(Number),
      hasSeh: expect.any(Boolean),
    });
    expect(pdb.fpoAt(0xb6a0 + 10)).toBeDefined();
  });
});
