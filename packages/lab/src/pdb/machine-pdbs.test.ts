import { BufferSource, identifySymbolFile, openSymbolFile } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import type { Architecture } from '../image/image-spec.ts';
import { buildMachine } from '../machine/build-machine.ts';
import type { Machine } from '../machine/machine.ts';
import { StructureTable } from '../machine/structure-table.ts';
import { type PdbFile, pdbFiles, symbolStore } from './machine-pdbs.ts';

const open = ({ name, bytes }: PdbFile) => openSymbolFile(new BufferSource(bytes), name);

const build = (architecture: Architecture): Machine => buildMachine({ architecture });

describe.each(['x64', 'x86', 'arm64'] as const)('program databases of a machine of %s', (architecture) => {
  const machine = build(architecture);
  const files = pdbFiles(machine);

  it('are those that the images name', () => {
    const named = machine.truth.modules.map(({ pdb }) => pdb);
    expect(files.map(({ name, age }) => ({ name, age }))).toEqual(
      named.map(({ name, age }) => ({ name, age })),
    );
    for (const [index, file] of files.entries()) {
      expect(file.guid).toBe(named[index]!.guid.replaceAll('-', '').toUpperCase());
      const { pdb, machine: processor } = open(file).identity;
      expect(pdb).toEqual({ name: file.name, guid: file.guid, age: file.age });
      expect(processor).toBe(architecture);
    }
  });

  it('have every symbol at its place, by name and back', () => {
    for (const [index, file] of files.entries()) {
      const table = open(file);
      const { image } = machine.images.list[index]!;
      const slots = new Set(image.imports.values());
      for (const [name, rva] of image.symbols) {
        if (slots.has(rva)) continue;
        expect([name, table.rvaOf(name)]).toEqual([name, rva]);
        expect(table.nameAt(rva)).toMatchObject({ name, offset: 0 });
      }
      for (const { spec, rva, size } of image.functions) {
        expect([spec.name, table.boundsAt!(rva)]).toEqual([spec.name, { start: rva, end: rva + size }]);
        expect(table.nameAt(rva + size - 1)).toMatchObject({ name: spec.name, offset: size - 1 });
      }
    }
  });

  it('have all structures of the tables, with the same members', () => {
    const tables = new StructureTable(machine.architecture, machine.profile.build);
    const { types } = open(files[0]!);
    const names = tables.names();
    expect([...types!.names()].sort()).toEqual(names);
    expect(names.length).toBeGreaterThan(10);
    // How long an array of something unknown is, is unknown too.
    const isTold = ({ type }: { type: string }) => {
      const element = /^(_?[A-Z]\w*)\[/.exec(type)?.[1];
      return element === undefined || names.includes(element);
    };
    for (const name of names) {
      const { size, members } = tables.structure(name)!;
      const found = types!.structure(name)!;
      expect([name, found.size]).toEqual([name, size]);
      const sorted = (list: typeof members) =>
        list.map(({ path, type, offset }) => `${path} ${type} ${offset}`).sort();
      expect([name, sorted(found.members)]).toEqual([name, sorted(members.filter(isTold))]);
    }
  });

  it('have the same bytes for the same machine', () => {
    for (const [index, { bytes }] of pdbFiles(build(architecture)).entries())
      expect(Buffer.compare(bytes, files[index]!.bytes)).toBe(0);
  });
});

describe('a symbol store of a machine', () => {
  const machine = build('x64');
  const files = symbolStore(machine);

  it('has program databases by GUID and age, and images by time stamp and size', () => {
    const pdbs = machine.truth.modules.map(
      ({ pdb }) => `${pdb.name}/${pdb.guid.replaceAll('-', '').toUpperCase()}1/${pdb.name}`,
    );
    const images = machine.truth.modules.map(
      ({ baseName, timeDateStamp, size }) =>
        `${baseName}/${timeDateStamp.toString(16).toUpperCase().padStart(8, '0')}${size.toString(16)}/${baseName}`,
    );
    expect(files.map(({ path }) => path)).toEqual([...pdbs, ...images]);
    expect(files[0]!.path).toMatch(/^ntkrnlmp\.pdb\/[0-9A-F]{32}1\/ntkrnlmp\.pdb$/);
    expect(files[5]!.path).toMatch(/^ntoskrnl\.exe\/A5[0-9A-F]{6}[0-9a-f]+\/ntoskrnl\.exe$/);
  });

  it('has files that say of themselves what their paths say', () => {
    for (const { path, bytes } of files) {
      const [, key, name = ''] = path.split('/');
      const found = identifySymbolFile(new BufferSource(bytes), name)!;
      const pdbKey = `${found.pdb!.guid}${found.pdb!.age.toString(16).toUpperCase()}`;
      const stamp = found.timestamp?.toString(16).toUpperCase().padStart(8, '0');
      expect(key).toBe(found.kind === 'pdb' ? pdbKey : `${stamp}${found.size!.toString(16)}`);
    }
    expect(files.length).toBe(2 * machine.truth.modules.length);
  });
});
