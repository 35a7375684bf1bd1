import { buildMachine, dumpBytes } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import {
  field,
  ModuleWriter,
  nameOffsets,
  TypeWriter,
  writeLines,
  writePdb,
  writeSamplePdb,
} from '../../test/pdb-writer/index.ts';
import { symbolFile, TestSymbols } from '../../test/symbol-files.ts';
import { lineText } from '../commands/index.ts';
import { BufferSource } from '../io/index.ts';
import { openSession, type Session } from '../session.ts';
import { identifySymbolFile, openSymbolFile } from './open-symbol-file.ts';
import { PdbTable } from './pdb-table.ts';

describe('PdbTable', () => {
  const table = new PdbTable(new BufferSource(writeSamplePdb()), 'folder/sample.pdb');

  it('names places by procedures and public symbols, in the debugger form', () => {
    expect(table.nameAt(0x1010 + 4)).toMatchObject({ name: 'Outer', offset: 4 });
    expect(table.nameAt(0x1100)).toMatchObject({ offset: 0 });
    expect(table.rvaOf('Outer')).toBe(0x1010);
    expect(table.identity.pdb?.name).toBe('sample.pdb');
    expect(table.isPrivate).toBe(true);
  });

  it('has all names in the order of their places', () => {
    const places = [...table.names()].map(({ rva }) => rva);
    expect(places.length).toBeGreaterThan(2);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(table.around(0x1012).before[0]).toMatchObject({ name: 'Outer', rva: 0x1010 });
  });

  it('has structures and function bounds', () => {
    expect(table.types.structure('_ITEM')?.members).toEqual([
      { path: 'Flink', type: '*_ITEM', offset: 0 },
      { path: 'Flags', type: 'u32:4:3', offset: 8 },
    ]);
    expect(table.boundsAt(0x1020)).toEqual({ start: 0x1010, end: 0x1050 });
  });

  it('has the values of enumerations', () => {
    const types = new TypeWriter();
    const values = types.fieldList((to) => {
      field.value(to, 'None', -1);
      field.value(to, 'Some', 2);
    });
    types.enumeration('_KIND', values);
    const { types: known } = new PdbTable(new BufferSource(writePdb({ types: types.stream() })), 'x.pdb');
    expect([...known.enumeration!('_KIND')!]).toEqual([
      ['None', -1],
      ['Some', 2],
    ]);
    expect(known.enumeration!('_OTHER')).toBeUndefined();
  });

  it('throws nothing on damage anywhere', () => {
    const bytes = writeSamplePdb();
    for (let at = 0x400; at < bytes.length; at += 97) {
      const broken = bytes.slice();
      broken.fill(0xff, at, Math.min(at + 97, bytes.length));
      if (identifySymbolFile(new BufferSource(broken), 'x') === undefined) continue;
      const damaged = new PdbTable(new BufferSource(broken), 'x');
      expect(damaged.nameAt(0x1014)?.offset ?? 0).toBeGreaterThanOrEqual(0);
      damaged.inlinesAt(0x1018);
      for (const { name } of damaged.names()) damaged.rvaOf(name);
      for (const name of damaged.types.names()) damaged.types.structure(name);
    }
  });

  it('gives no more answers when the file breaks off later, and says so', () => {
    const whole = new BufferSource(writeSamplePdb());
    let isThere = true;
    const broken = new PdbTable(
      { size: whole.size, readInto: (offset, target) => (isThere ? whole.readInto(offset, target) : 0) },
      'x',
    );
    isThere = false;
    expect(broken.nameAt(0x1014)).toBeUndefined();
    expect(broken.damage).toMatch(/./);
    isThere = true;
    expect(broken.nameAt(0x1014)).toBeUndefined();
  });
});

/** Data1 to Data3 are numbers, Data4 bytes. */
function guidBytes(text: string): Uint8Array {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  return Uint8Array.from([3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15], (at) => bytes[at]!);
}

/** A PDB for the lab's kernel: KeBugCheckEx as a procedure with a function inlined from its fourth byte on. */
function kernelPdb(
  guid: string,
  age: number,
  start: number,
  rva: number,
  size: number,
  features: readonly number[] = [],
): Uint8Array {
  const items = new TypeWriter();
  const item = items.functionId('KzInlined');
  const module = new ModuleWriter();
  const place = { section: 1, offset: start - rva, length: 0x30 };
  module.procedure('KeBugCheckEx', place);
  module.inlineSite(item, [0x0c, 0x08, 0x04]);
  module.end().end();
  const names = ['bug.c'];
  return writePdb({
    guid: guidBytes(guid),
    age,
    features,
    sections: [{ rva, size }],
    names,
    types: new TypeWriter().stream(),
    items: items.stream(),
    publics: [{ name: 'KeBugCheckEx', section: 1, offset: place.offset }],
    modules: [
      {
        name: 'bug.obj',
        symbols: module.bytes(),
        lines: writeLines(
          nameOffsets(names),
          [{ section: 1, offset: place.offset, length: 0x30, lines: [{ at: 0, line: 7 }] }],
          [{ item, file: 0, line: 3 }],
        ),
        contributions: [{ section: 1, offset: place.offset, size: 0x30 }],
      },
    ],
  });
}

describe('inlined functions', () => {
  const machine = buildMachine({});
  const shown = (session: Session, command: string) => session.execute(command).lines.map(lineText);

  it('head the code of their own, and stand as rows before the frame that they are in', async () => {
    const nt = machine.truth.modules.find(({ module }) => module === 'nt')!;
    const start = Number(nt.symbols.get('KeBugCheckEx')! - nt.base);
    const bytes = kernelPdb(nt.pdb.guid, nt.pdb.age, start, 0x1000, 0x1000);
    const session = await openSession(new BufferSource(dumpBytes(machine, { type: 'bitmap-kernel' })), {
      symbols: new TestSymbols({ 'nt pdb': symbolFile('pdb', 'ntkrnlmp.pdb', bytes) }),
    });
    expect(shown(session, '.reload nt').slice(0, 2)).toEqual([
      'nt: PDB symbols',
      '    symbols: ntkrnlmp.pdb',
    ]);
    expect(shown(session, 'lm m nt')[1]).toMatch(/nt {9}\(private pdb symbols\) {2}ntkrnlmp\.pdb$/);
    const code = shown(session, 'u nt!KeBugCheckEx+8 L1');
    expect(code[0]).toBe('nt!KzInlined [inlined in nt!KeBugCheckEx+0x8] [bug.c @ 3]:');
    const stack = shown(session, 'k = @rsp nt!KeBugCheckEx+8 3');
    expect(stack[1]).toBe('(Inline Function) --------`--------     nt!KzInlined+0x4 [bug.c @ 3]');
    expect(stack[2]).toMatch(/nt!KeBugCheckEx\+0x8 \[bug\.c @ 7\]/);
  });
});

it('.reload tells what a file lacks, and when it was found to be damaged', async () => {
  const machine = buildMachine({});
  const nt = machine.truth.modules.find(({ module }) => module === 'nt')!;
  const start = Number(nt.symbols.get('KeBugCheckEx')! - nt.base);
  const whole = new BufferSource(
    kernelPdb(nt.pdb.guid, nt.pdb.age, start, 0x1000, 0x1000, [20140508, 0x494e494d]),
  );
  let isThere = true;
  const source = {
    size: whole.size,
    readInto: (offset: number, target: Uint8Array) => (isThere ? whole.readInto(offset, target) : 0),
  };
  const session = await openSession(new BufferSource(dumpBytes(machine, { type: 'triage' })), {
    symbols: new TestSymbols({}, [{ kind: 'pdb', location: 'ntkrnlmp.pdb', source }]),
  });
  const kernel = session.system.symbols.moduleAt(nt.base)!;
  const table = openSymbolFile(source, 'ntkrnlmp.pdb');
  kernel.useTable(table, { by: 'PDB identity', why: 'a test says so' });
  const shown = () => session.execute('.reload nt').lines.map(lineText).join('\n');
  expect(shown()).toMatch(
    /nt: PDB symbols\n.*\n.*a test says so\)\n {6}\(it was linked with \/DEBUG:FASTLINK: /,
  );
  isThere = false;
  table.rvaOf('KeBugCheckEx');
  expect(shown()).toMatch(/^nt: (export|no) symbols\n[^]* {6}\(it is not used any more: .*\)/);
});
