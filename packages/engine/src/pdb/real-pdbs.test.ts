import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedPath } from '../../../../test/shared-files.ts';
import { BufferSource } from '../io/index.ts';
import { PdbFile } from './pdb-file.ts';

/** Files that are whole; the fuzzed and the compressed one have tests of their own. */
const files = hasShared
  ? (readdirSync(sharedPath('pdbs'), { recursive: true }) as string[]).filter(
      (name) => name.endsWith('.pdb') && !name.includes('fuzzed'),
    )
  : [];

const open = (name: string) => new PdbFile(new BufferSource(readFileSync(sharedPath(`pdbs/${name}`))));

describe.skipIf(!hasShared)('real program databases', () => {
  it.each(files)('%s: every public symbol is found by its name and by its place', (name) => {
    const { publics, sections, info } = open(name);
    expect(info.guid).toMatch(/^[0-9A-F]{32}$/);
    for (let index = 0; index < publics.count; index++) {
      const symbol = publics.at(index)!;
      expect(publics.findByName(symbol.name)?.name).toBe(symbol.name);
      const rva = sections.rvaOf(symbol);
      if (rva === undefined) continue;
      const place = sections.placeOf(rva);
      if (place === undefined) continue;
      expect(place).toEqual({ section: symbol.section, offset: symbol.offset });
      const found = publics.findIndexBefore(place)!;
      expect(publics.at(found)).toMatchObject({ section: symbol.section, offset: symbol.offset });
      expect(found).toBeLessThanOrEqual(index);
    }
    if (!name.includes('minimal')) expect(publics.count).toBeGreaterThan(0);
  });
});
