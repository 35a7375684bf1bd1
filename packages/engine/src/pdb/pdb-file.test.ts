import { describe, expect, it } from 'vitest';
import {
  ByteWriter,
  constantRecord,
  dataRecord,
  ModuleWriter,
  nameOffsets,
  type PdbSpec,
  procedureReference,
  TypeWriter,
  testGuid,
  typeNameRecord,
  writeLines,
  writePdb,
} from '../../test/pdb-writer/index.ts';
import { BufferSource } from '../io/index.ts';
import { PdbFile } from './pdb-file.ts';

const open = (spec: PdbSpec) => new PdbFile(new BufferSource(writePdb(spec)));

const sections = [
  { rva: 0x1000, size: 0x1000 },
  { rva: 0x3000, size: 0x800 },
];
const files = ['c:\\src\\main.c', 'c:\\src\\list.h'];
const [mainFile, listFile] = [0, 1];

/** A program of one module: `Outer` with code at 1:0x100, more of it at 1:0x800, and what was inlined there. */
function writeProgram(more: Partial<PdbSpec> = {}): PdbSpec {
  const items = new TypeWriter();
  const scope = items.textId('Lists');
  const push = items.functionId('Push', scope);
  const link = items.functionId('Link', scope);
  const module = new ModuleWriter();
  const outer = module.procedure('Outer', { section: 1, offset: 0x100, length: 0x80 });
  // 0x10 to 0x30, a line further from 0x18 on, and 0x10 bytes of the separated code; inside of it 0x20 to 0x28.
  module.inlineSite(push, [0x03, 0x10, 0x0b, 0x28, 0x04, 0x18, 0x02, 0x01, 0x03, 0x00, 0x04, 0x10]);
  module.inlineSite(link, [0x0c, 0x08, 0x20]);
  module.end().end();
  module.end();
  module.separated({ section: 1, offset: 0x800, length: 0x20 }, { section: 1, offset: 0x100 });
  module.end();
  const lines = writeLines(
    nameOffsets(files),
    [
      {
        section: 1,
        offset: 0x100,
        length: 0x80,
        lines: [
          { at: 0, line: 10 },
          { at: 0x10, line: 77, file: listFile },
          { at: 0x30, line: 12 },
          { at: 0x70, line: 0xfeefee },
        ],
      },
    ],
    [
      { item: push, file: listFile, line: 30 },
      { item: link, file: mainFile, line: 50 },
    ],
  );
  return {
    sections,
    names: files,
    items: items.stream(),
    publics: [
      { name: 'Outer', section: 1, offset: 0x100 },
      { name: '?Run@Engine@@QEAAXXZ', section: 1, offset: 0x200 },
      { name: '__C_specific_handler', section: 1, offset: 0x300 },
      { name: 'Shared1', section: 1, offset: 0x400 },
      { name: 'Shared2', section: 1, offset: 0x400 },
      { name: 'Table', section: 2, offset: 0x10, flags: 0 },
      { name: 'Absolute', section: 9, offset: 0x10, flags: 0 },
    ],
    globals: [
      { name: 'Outer', record: procedureReference('Outer', 0, outer) },
      { name: 'Counter', record: dataRecord('Counter', { section: 2, offset: 0x100 }, true) },
      { name: 'Limit', record: constantRecord('Limit', 77) },
      { name: 'ULONG', record: typeNameRecord('ULONG', 0x22) },
    ],
    modules: [
      {
        name: 'main.obj',
        symbols: module.bytes(),
        lines,
        contributions: [
          { section: 1, offset: 0x100, size: 0x80 },
          { section: 1, offset: 0x800, size: 0x20 },
        ],
      },
    ],
    ...more,
  };
}

describe('PdbFile', () => {
  it('PDB-3: takes its GUID from the file and its age from the symbols', () => {
    const { identity } = open(writeProgram({ age: 5, signature: 0x1234, machine: 0xaa64 }));
    expect(identity).toEqual({
      guid: '131211101514171618191A1B1C1D1E1F',
      age: 5,
      signature: 0x1234,
      machine: 0xaa64,
    });
    expect(testGuid.length).toBe(16);
  });

  it('PDB-15: says what is not in the file', () => {
    expect(open(writeProgram()).limits).toEqual([]);
    expect(open(writeProgram({ flags: 2 })).limits).toEqual(['it holds public symbols only']);
    expect(open(writeProgram({ features: [20140508, 0x494e494d] })).limits[0]).toContain('FASTLINK');
  });

  it.each([512, 4096, 0x10000])('reads pages of %i bytes', (pageSize) => {
    expect(open(writeProgram({ pageSize })).nameAt(0x1100)?.name).toBe('Outer');
  });
});

describe('names by address', () => {
  it('PDB-5: are those of procedures, then the nearest variable or public symbol of the section', () => {
    const pdb = open(writeProgram());
    const named = (rva: number) => {
      const found = pdb.nameAt(rva);
      return found === undefined ? undefined : [found.kind, found.name, found.offset];
    };
    expect(named(0x1100)).toEqual(['procedure', 'Outer', 0]);
    expect(named(0x117f)).toEqual(['procedure', 'Outer', 0x7f]);
    expect(named(0x1180)).toEqual(['public', 'Outer', 0x80]);
    expect(named(0x1210)).toEqual(['public', 'Engine::Run', 0x10]);
    expect(named(0x1300)).toEqual(['public', '_C_specific_handler', 0]);
    expect(named(0x3011)).toEqual(['public', 'Table', 1]);
    expect(named(0x3104)).toEqual(['data', 'Counter', 4]);
    expect(named(0x1000)).toBeUndefined();
    expect(named(0x3000)).toBeUndefined();
    expect(named(0x2fff)).toBeUndefined();
    expect(named(0x3800)).toBeUndefined();
  });

  it('PDB-4: of several public symbols at one place the first is given, and each is found by its name', () => {
    const pdb = open(writeProgram());
    expect(pdb.nameAt(0x1401)?.name).toBe('Shared1');
    expect(pdb.rvaOfName('Shared1')).toBe(0x1400);
    expect(pdb.rvaOfName('Shared2')).toBe(0x1400);
  });

  it('PDB-6: separated code belongs to its procedure', () => {
    const pdb = open(writeProgram());
    expect(pdb.nameAt(0x1804)).toMatchObject({ kind: 'procedure', name: 'Outer', offset: 0x704 });
    expect(pdb.boundsAt(0x1804)).toEqual({ start: 0x1800, end: 0x1820 });
    expect(pdb.boundsAt(0x1110)).toEqual({ start: 0x1100, end: 0x1180 });
    expect(pdb.boundsAt(0x1200)).toBeUndefined();
  });

  it.each([1, 2] as const)(
    'PDB-13: contributions of version %i lead to the module',
    (contributionsVersion) => {
      const pdb = open(writeProgram({ contributionsVersion }));
      expect(pdb.boundsAt(0x1801)).toEqual({ start: 0x1800, end: 0x1820 });
    },
  );

  it('PDB-10: jumps that the linker made are named by their table and target', () => {
    const linker = new ModuleWriter();
    linker.trampoline({ section: 1, offset: 0x45, length: 5 }, { section: 1, offset: 0x100 });
    const module = new ModuleWriter();
    module.procedure('Start', { section: 1, offset: 0x100, length: 8 });
    module.end();
    const pdb = open({
      sections,
      thunks: { section: 1, offset: 0x40, count: 1, size: 5 },
      modules: [
        {
          name: 'start.obj',
          symbols: module.bytes(),
          contributions: [{ section: 1, offset: 0x100, size: 8 }],
        },
        {
          name: '* Linker *',
          symbols: linker.bytes(),
          contributions: [{ section: 1, offset: 0x40, size: 10 }],
        },
      ],
    });
    expect(pdb.nameAt(0x1046)).toMatchObject({ name: 'ILT+5(Start)', offset: 1 });
    expect(pdb.nameAt(0x1101)).toMatchObject({ name: 'Start', offset: 1 });
  });
});

describe('addresses by name', () => {
  it('are found for procedures, variables and public symbols, shown or decorated, in any case', () => {
    const pdb = open(writeProgram());
    for (const [name, rva] of Object.entries({
      Outer: 0x1100,
      oUTER: 0x1100,
      Counter: 0x3100,
      Table: 0x3010,
      '?Run@Engine@@QEAAXXZ': 0x1200,
      'Engine::Run': 0x1200,
      'engine::run': 0x1200,
      __C_specific_handler: 0x1300,
      _C_specific_handler: 0x1300,
      Shared2: 0x1400,
    }))
      expect([name, pdb.rvaOfName(name)]).toEqual([name, rva]);
    for (const name of ['Limit', 'ULONG', 'Nothing', 'Absolute', '', 'Oute', 'Outer1'])
      expect([name, pdb.rvaOfName(name)]).toEqual([name, undefined]);
  });

  it('come all, each place once', () => {
    const names = [...open(writeProgram()).names()].map(({ name, rva, kind }) => `${kind} ${name} ${rva}`);
    expect(names.sort()).toEqual(
      [
        'data Counter 12544',
        'procedure Outer 4352',
        'public Engine::Run 4608',
        'public Shared1 5120',
        'public Shared2 5120',
        'public Table 12304',
        'public _C_specific_handler 4864',
      ].sort(),
    );
  });

  it('tells constants and names of types by their hash', () => {
    const { globals } = open(writeProgram());
    expect([...globals.find('Limit')]).toEqual([{ kind: 'constant', name: 'Limit', type: 0x74, value: 77n }]);
    expect([...globals.find('ULONG')]).toEqual([{ kind: 'type', name: 'ULONG', type: 0x22 }]);
    expect([...globals.walk()].length).toBe(globals.count);
  });
});

describe('lines and inlined functions', () => {
  it('PDB-9: the last entry at or before a place tells its line, over all files of the function', () => {
    const pdb = open(writeProgram());
    expect(pdb.lineAt(0x1100)).toEqual({ file: files[0], line: 10, offset: 0 });
    expect(pdb.lineAt(0x110f)).toEqual({ file: files[0], line: 10, offset: 0xf });
    expect(pdb.lineAt(0x1110)).toEqual({ file: files[1], line: 77, offset: 0 });
    expect(pdb.lineAt(0x1140)).toEqual({ file: files[0], line: 12, offset: 0x10 });
    expect(pdb.lineAt(0x1170)).toBeUndefined();
    expect(pdb.lineAt(0x1180)).toBeUndefined();
    expect(pdb.lineAt(0x1200)).toBeUndefined();
  });

  it('PDB-8: names what was inlined around a place, the outermost first', () => {
    const pdb = open(writeProgram());
    const inlines = (rva: number) =>
      pdb.nameAt(rva)?.inlines.map(({ name, start, source }) => [name, start, source?.line]);
    expect(inlines(0x110f)).toEqual([]);
    expect(inlines(0x1110)).toEqual([['Lists::Push', 0x10, 30]]);
    expect(inlines(0x111c)).toEqual([['Lists::Push', 0x10, 31]]);
    expect(inlines(0x1124)).toEqual([
      ['Lists::Push', 0x10, 31],
      ['Lists::Link', 0x20, 50],
    ]);
    expect(inlines(0x1128)).toEqual([['Lists::Push', 0x10, 31]]);
    expect(inlines(0x1804)).toEqual([['Lists::Push', 0x700, 31]]);
    expect(inlines(0x1810)).toEqual([]);
    expect(pdb.inlinesAt(0x1124).length).toBe(2);
    expect(pdb.inlinesAt(0x1200)).toEqual([]);
  });
});

describe('a program that was reordered after linking', () => {
  const module = new ModuleWriter();
  module.procedure('Moved', { section: 1, offset: 0, length: 0x40 });
  module.end();
  const pdb = open({
    sections: [{ rva: 0x1000, size: 0x2000 }],
    originalSections: [{ rva: 0x1000, size: 0x1000 }],
    omapFromSource: [
      [0x1000, 0x1800],
      [0x1020, 0x1100],
      [0x1040, 0],
      [0x1080, 0x1900],
    ],
    omapToSource: [
      [0x1000, 0],
      [0x1100, 0x1020],
      [0x1120, 0],
      [0x1800, 0x1000],
      [0x1820, 0],
      [0x1900, 0x1080],
      [0x1a00, 0],
    ],
    publics: [
      { name: 'Moved', section: 1, offset: 0 },
      { name: 'Removed', section: 1, offset: 0x50 },
      { name: '??_C@_0P@FNODOBFM@a@', section: 1, offset: 0x80 },
    ],
    modules: [{ name: 'a', symbols: module.bytes(), contributions: [{ section: 1, offset: 0, size: 0x40 }] }],
  });

  it('PDB-7: has offsets of the program as it was before', () => {
    expect(pdb.sections.isReordered).toBe(true);
    expect(pdb.rvaOfName('Moved')).toBe(0x1800);
    expect(pdb.nameAt(0x1801)).toMatchObject({ name: 'Moved', offset: 1 });
    expect(pdb.nameAt(0x1110)).toMatchObject({ name: 'Moved', offset: 0x30 });
    expect(pdb.nameAt(0x1904)).toMatchObject({ name: " ?? ::FNODOBFM::`string'", offset: 4 });
  });

  it('PDB-7: has no name for code that was put in, no address for code that was taken out', () => {
    expect(pdb.nameAt(0x1130)).toBeUndefined();
    expect(pdb.rvaOfName('Removed')).toBeUndefined();
    // The parts of the procedure do not stand together.
    expect(pdb.boundsAt(0x1801)).toBeUndefined();
  });
});

describe('frames of x86', () => {
  it('PDB-12: come from the descriptions with programs before the plain ones', () => {
    const names = ['$T0 $ebp = $eip $T0 4 + ^ ='];
    const [program = 0] = nameOffsets(names);
    const pdb = open({
      sections,
      names,
      fpo: new ByteWriter()
        .u32(0x1000, 0x40, 3)
        .u16(2)
        .u8(9, 0x1a)
        .u32(0x1040, 0x10, 0)
        .u16(0)
        .u8(0, 0xc3)
        .bytes(),
      newFpo: new ByteWriter()
        .u32(0x1000, 0x20, 0x18, 8, 0, program)
        .u16(6, 12)
        .u32(5)
        .u32(0x1008, 4, 0, 0, 0, 0)
        .u16(0, 0)
        .u32(0)
        .bytes(),
    });
    expect(pdb.fpoAt(0x1010)).toMatchObject({
      start: 0x1000,
      length: 0x20,
      localBytes: 0x18,
      parameterBytes: 8,
      prologBytes: 6,
      savedRegisterBytes: 12,
      hasSeh: true,
      program: names[0],
    });
    expect(pdb.fpoAt(0x100a)).toMatchObject({ start: 0x1008, program: undefined });
    expect(pdb.fpoAt(0x1030)).toMatchObject({
      start: 0x1000,
      length: 0x40,
      localBytes: 12,
      parameterBytes: 8,
      prologBytes: 9,
      savedRegisterBytes: 8,
      hasSeh: true,
      usesEbp: true,
      frameType: 0,
    });
    expect(pdb.fpoAt(0x1041)).toMatchObject({ frameType: 3, savedRegisterBytes: 12, hasSeh: false });
    expect(pdb.fpoAt(0x1050)).toBeUndefined();
    expect(pdb.fpoAt(0xfff)).toBeUndefined();
  });
});
