import { ByteWriter } from './byte-writer.ts';
import { ModuleWriter, writeLines } from './module-writer.ts';
import { nameOffsets, writePdb } from './pdb-writer.ts';
import { dataRecord, procedureReference } from './symbol-records.ts';
import { field, TypeWriter } from './type-writer.ts';

/** Every kind of table in one small file. */
export function writeSamplePdb(): Uint8Array {
  const types = new TypeWriter();
  const list = types.fieldList((to) => {
    field.member(to, 'Flink', types.pointer(0x1003), 0);
    field.member(to, 'Flags', types.bitField(0x75, 3, 4), 8);
  });
  types.structure('_ITEM', list, 16);
  types.enumeration(
    '_KIND',
    types.fieldList((to) => field.value(to, 'First', 1)),
  );
  const items = new TypeWriter();
  const item = items.functionId('Inner', items.textId('Space'));
  const module = new ModuleWriter();
  const record = module.procedure('Outer', { section: 1, offset: 0x10, length: 0x40 });
  module.inlineSite(item, [0x0c, 0x08, 0x04]);
  module.end().end();
  module.separated({ section: 1, offset: 0x80, length: 8 }, { section: 1, offset: 0x10 });
  module.end();
  const names = ['main.c'];
  return writePdb({
    sections: [{ rva: 0x1000, size: 0x1000 }],
    originalSections: [{ rva: 0x1000, size: 0x1000 }],
    omapToSource: [[0x1000, 0x1000]],
    omapFromSource: [[0x1000, 0x1000]],
    names,
    types: types.stream(),
    items: items.stream(),
    publics: [
      { name: 'Outer', section: 1, offset: 0x10 },
      { name: '?Run@?$Map@HV?$List@H@@@@QEAAXXZ', section: 1, offset: 0x100 },
    ],
    globals: [
      { name: 'Outer', record: procedureReference('Outer', 0, record) },
      { name: 'Data', record: dataRecord('Data', { section: 1, offset: 0x200 }) },
    ],
    modules: [
      {
        name: 'main.obj',
        symbols: module.bytes(),
        lines: writeLines(
          nameOffsets(names),
          [{ section: 1, offset: 0x10, length: 0x40, lines: [{ at: 0, line: 7 }] }],
          [{ item, file: 0, line: 3 }],
        ),
        contributions: [
          { section: 1, offset: 0x10, size: 0x40 },
          { section: 1, offset: 0x80, size: 8 },
        ],
      },
    ],
    newFpo: new ByteWriter().u32(0x1000, 0x20, 0, 0, 0, 1).u16(0, 0).u32(0).bytes(),
    fpo: new ByteWriter().u32(0x1000, 0x40, 0).u16(0).u8(0, 0).bytes(),
  });
}
