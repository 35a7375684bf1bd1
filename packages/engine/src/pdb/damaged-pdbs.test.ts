import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pdbSeed } from '../../../../test/fuzz/pdb-seed.mjs';
import {
  ByteWriter,
  ModuleWriter,
  publicRecord,
  writePdb,
  writeSamplePdb,
} from '../../test/pdb-writer/index.ts';
import { DebuggerError } from '../base/index.ts';
import { BufferSource } from '../io/index.ts';
import { PdbFile } from './pdb-file.ts';

/** Everything that can be asked; the kinds of errors that came. */
function readAll(bytes: Uint8Array): string[] {
  const errors: string[] = [];
  const attempt = (ask: () => void) => {
    try {
      ask();
    } catch (error) {
      errors.push(error instanceof DebuggerError ? error.code : String(error));
    }
  };
  attempt(() => {
    const pdb = new PdbFile(new BufferSource(bytes));
    attempt(() => pdb.identity);
    attempt(() => pdb.limits);
    for (const rva of [0, 0x1010, 0x1014, 0x1080, 0x1100, 0x1204, 0x2000, 0xffff_ffff]) {
      attempt(() => pdb.nameAt(rva));
      attempt(() => pdb.lineAt(rva));
      attempt(() => pdb.boundsAt(rva));
      attempt(() => pdb.fpoAt(rva));
    }
    attempt(() => [...pdb.names()].map(({ name }) => pdb.rvaOfName(name)));
    attempt(() => [...pdb.structures.names()].map((name) => pdb.structures.find(name)));
    attempt(() => [...pdb.enumerations.names()].map((name) => pdb.enumerations.find(name)));
    attempt(() => [...pdb.globals.walk()]);
  });
  return errors;
}

const sample = writeSamplePdb();

describe('damaged program databases', () => {
  it('the seed of the fuzz target is the sample', () => {
    expect(Buffer.compare(pdbSeed(), sample)).toBe(0);
  });

  it('the sample is read without an error', () => {
    expect(readAll(sample)).toEqual([]);
    const pdb = new PdbFile(new BufferSource(sample));
    expect(pdb.structures.find('_ITEM')?.size).toBe(16);
    expect(pdb.nameAt(0x1015)?.inlines[0]?.name).toBe('Space::Inner');
  });

  it('PDB-14: give an answer or PDB_UNREADABLE, wherever bytes are changed', () => {
    const byte = fc.constantFrom(0, 1, 0x7f, 0x80, 0xff);
    const change = fc.tuple(fc.nat(sample.length - 1), byte);
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const damaged = Uint8Array.from(sample);
        for (const [at, value] of changes) damaged[at] = value;
        expect(readAll(damaged).filter((code) => code !== 'PDB_UNREADABLE')).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('PDB-14: are PDB_UNREADABLE wherever pages of the file are missing', () => {
    fc.assert(
      fc.property(fc.nat(sample.length - 513), (length) => {
        const errors = readAll(sample.subarray(0, length));
        expect(new Set(errors)).toEqual(new Set(['PDB_UNREADABLE']));
      }),
      { numRuns: 60 },
    );
  });
});

describe('headers', () => {
  const openWith = (change: (view: DataView) => void) => {
    const damaged = Uint8Array.from(sample);
    change(new DataView(damaged.buffer));
    return () => new PdbFile(new BufferSource(damaged));
  };
  const unreadable = (message: string) =>
    expect.objectContaining({ code: 'PDB_UNREADABLE', message: expect.stringContaining(message) });

  it('PDB-1: pages are a power of two from 512 to 64 KB, and in the file', () => {
    expect(openWith((view) => view.setUint32(0x20, 0x300, true))).toThrow(unreadable('pages of 768 bytes'));
    expect(openWith((view) => view.setUint32(0x20, 0x20000, true))).toThrow(unreadable('pages'));
    expect(openWith((view) => view.setUint32(0x34, 0xffffff, true))).toThrow(unreadable('behind its end'));
    expect(openWith((view) => view.setUint32(0x2c, 0x7fffffff, true))).toThrow(unreadable('directory'));
  });

  it('PDB-1: streams are no larger than the file together', () => {
    const pageSize = 512;
    const directory = new ByteWriter().u32(3, 0, 4 * pageSize, 4 * pageSize).u32(3, 3, 3, 3, 3, 3, 3, 3);
    const file = new ByteWriter()
      .raw(Buffer.from('Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0', 'latin1'))
      .u32(pageSize, 1, 6, directory.length, 0, 4)
      .align(pageSize);
    while (file.length < 4 * pageSize) file.u8(0);
    file.u32(5).align(pageSize).raw(directory.bytes()).align(pageSize);
    expect(() => new PdbFile(new BufferSource(file.bytes()))).toThrow(unreadable('larger than the file'));
  });

  it('PDB-2: other formats are told by name', () => {
    const refused = (text: string) => () =>
      new PdbFile(new BufferSource(Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(64)])));
    expect(refused('Microsoft C/C++ program database 2.00\r\n\x1aJG')).toThrow(
      unreadable('before Visual C++ 7'),
    );
    expect(refused('Microsoft MSFZ Container')).toThrow(unreadable('compressed'));
    expect(refused('BSJB')).toThrow(unreadable('portable'));
    expect(refused('MZ')).toThrow(unreadable('no program database'));
    expect(refused('<!DOCTYPE html>')).toThrow(unreadable('no program database'));
  });
});

describe('tables that lead to one thing many times', () => {
  it('PDB-14: each record of a symbol and each stream of a module is read once', () => {
    const many = Array.from({ length: 50 }, (_, index) => ({ name: `N${index}`, section: 1, offset: index }));
    const spec = { sections: [{ rva: 0x1000, size: 0x1000 }], publics: many };
    const whole = new PdbFile(new BufferSource(writePdb(spec)));
    expect(whole.publics.count).toBe(50);
    const module = new ModuleWriter();
    module.procedure('Once', { section: 1, offset: 0x100, length: 8 });
    module.end();
    const modules = [{ name: 'a.obj', symbols: module.bytes() }, { name: 'b.obj' }];
    const bytes = writePdb({ sections: spec.sections, modules });
    // The second module, which has no stream, is given that of the first.
    const at = Buffer.from(bytes).indexOf('b.obj') - 0x40 + 0x22;
    const first = Buffer.from(bytes).indexOf('a.obj') - 0x40 + 0x22;
    bytes.copyWithin(at, first, first + 6);
    const pdb = new PdbFile(new BufferSource(bytes));
    expect(pdb.privates.modules.map(({ stream }) => stream)).toEqual([
      expect.any(Number),
      pdb.privates.modules[0]!.stream,
    ]);
    expect([...pdb.names()].map(({ name }) => name)).toEqual(['Once']);
  });

  it('PDB-14: a map that repeats one symbol gives it once', () => {
    const spec = {
      sections: [{ rva: 0x1000, size: 0x1000 }],
      publics: Array.from({ length: 3 }, (_, index) => ({ name: `N${index}`, section: 1, offset: index })),
    };
    const bytes = writePdb({ ...spec, pageSize: 4096 });
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const record = publicRecord(spec.publics[0]!).length;
    // The map holds 0, one length and two lengths of a record.
    const map = new ByteWriter().u32(0, record, 2 * record).bytes();
    const at = Buffer.from(bytes).indexOf(map);
    view.setUint32(at + 4, 0, true);
    view.setUint32(at + 8, 4, true);
    const { publics } = new PdbFile(new BufferSource(bytes));
    expect(publics.count).toBe(1);
    expect(publics.at(0)?.name).toBe('N0');
  });

  it('PDB-17: look at 256 entries of one place, as no program has as many', () => {
    const place = { section: 1, offset: 0x100 };
    const sections = [{ rva: 0x1000, size: 0x1000 }];
    const nameBehind = (empty: number) => {
      const module = new ModuleWriter();
      for (let index = 0; index <= empty; index++) {
        module.procedure(`P${index}`, { ...place, length: index === empty ? 8 : 0 });
        module.end();
      }
      const contributions = [{ ...place, size: 8 }];
      const modules = [{ name: 'a.obj', symbols: module.bytes(), contributions }];
      const pdb = new PdbFile(new BufferSource(writePdb({ sections, modules })));
      return pdb.nameAt(0x1104)?.name;
    };
    expect(nameBehind(255)).toBe('P255');
    expect(nameBehind(256)).toBeUndefined();
  });
});
