import { expect, test } from 'vitest';
import { profiles } from '../layouts/index.ts';
import { parseMemberType } from './member-type.ts';
import { profileTypes } from './profile-types.ts';
import { StructureType } from './structure-type.ts';

const types = profileTypes('x64', 19041)!;
const process = types.find('_EPROCESS')!;
const thread = types.find('_ETHREAD')!;

test('members have an offset, a size and a kind', () => {
  expect(process.size).toBe(0xa40);
  expect(process.member('UniqueProcessId')).toMatchObject({
    offset: 0x440,
    size: 8,
    kind: 'pointer',
    target: 'void',
  });
  expect(process.member('ImageFileName')).toMatchObject({
    offset: 0x5a8,
    size: 15,
    kind: 'u8',
    count: 15,
    isArray: true,
  });
  expect(process.member('ActiveProcessLinks')).toMatchObject({
    offset: 0x448,
    size: 16,
    kind: 'structure',
    structure: '_LIST_ENTRY',
  });
  expect(process.member('NoSuchMember')).toBeUndefined();
});

test('paths lead into structures', () => {
  expect(thread.offset('Tcb.ApcState.Process')).toBe(0xb8);
  expect(thread.offset('Cid.UniqueThread')).toBe(0x480);
  expect(types.offset('_EPROCESS', 'Pcb.DirectoryTableBase')).toBe(0x28);
  expect(types.offset('EPROCESS', 'Pcb.DirectoryTableBase')).toBe(0x28);
});

test('paths lead into structures without a name', () => {
  const page = types.find('_MMPFN')!;
  expect(page.member('u1')).toMatchObject({ offset: 0, size: 8, kind: 'structure', structure: undefined });
  expect(page.member('u1.Flink')).toMatchObject({ offset: 0, bits: { position: 0, width: 36 } });
  expect(page.offset('u3.e1')).toBe(0x22);
  const irp = types.find('_IRP')!;
  expect(irp.offset('Tail.Overlay.CurrentStackLocation')).toBe(0xb8);
  expect(types.offset('_IO_STACK_LOCATION', 'Parameters.Read.Length')).toBe(8);
});

test('indexes choose an element, and only one that is there', () => {
  const driver = types.find('_DRIVER_OBJECT')!;
  expect(driver.member('MajorFunction')).toMatchObject({ offset: 0x70, count: 28, size: 224 });
  expect(driver.member('MajorFunction[27]')).toMatchObject({
    offset: 0x70 + 27 * 8,
    count: 1,
    size: 8,
    isArray: false,
  });
  expect(driver.member('MajorFunction[28]')).toBeUndefined();
  expect(driver.member('MajorFunction[1][1]')).toBeUndefined();
  expect(driver.member('Size[0]')).toBeUndefined();
  expect(types.offset('_KPRCB', 'DpcData[1].DpcQueueDepth')).toBe(
    types.offset('_KPRCB', 'DpcData')! +
      types.find('_KDPC_DATA')!.size +
      types.offset('_KDPC_DATA', 'DpcQueueDepth')!,
  );
  // An array is no structure until one of its elements is chosen.
  expect(types.offset('_KPRCB', 'DpcData.DpcQueueDepth')).toBeUndefined();
});

test('types tell the enumeration of an integer, and what a function behind a pointer returns', () => {
  expect(parseMemberType('i32=_POOL_TYPE[4]', 8)).toMatchObject({
    kind: 'i32',
    enumeration: '_POOL_TYPE',
    dimensions: [4],
    elementSize: 4,
  });
  expect(parseMemberType('u8=_KIND:3:2', 8)).toMatchObject({
    enumeration: '_KIND',
    bits: { position: 3, width: 2 },
  });
  expect(parseMemberType('*(unsigned.long)[28]', 4)).toMatchObject({
    kind: 'pointer',
    target: 'void',
    returns: 'unsigned long',
    dimensions: [28],
    elementSize: 4,
  });
  expect(parseMemberType('*()', 8)).toMatchObject({ kind: 'pointer', returns: '' });
  expect(parseMemberType('*void', 8)!.returns).toBeUndefined();
  for (const text of ['(void)', 'i32=', '*(void', '*(a b)', 'i32=A=B'])
    expect(parseMemberType(text, 8)).toBeUndefined();
});

test('values of an enumeration have names, compared in the bytes of the member', () => {
  const values = new Map([
    ['Last', -1],
    ['First', 1],
    ['Unsigned', 0xffff_fffe],
  ]);
  const member = (path: string, type: string) => ({ path, type, offset: 0 });
  const found = {
    name: '_X',
    size: 8,
    members: [
      member('Kind', 'i32=_KIND'),
      member('Byte', 'i8=_KIND'),
      member('Other', 'i32=_GONE'),
      member('Plain', 'i32'),
    ],
    trust: 'image',
    source: 'test',
  } as const;
  const type = new StructureType(
    found,
    8,
    () => undefined,
    (name) => (name === '_KIND' ? values : undefined),
  );
  const nameOf = (path: string, value: bigint) => type.valueName(type.member(path)!, value);
  expect(nameOf('Kind', 1n)).toBe('First');
  expect(nameOf('Kind', -1n)).toBe('Last');
  expect(nameOf('Kind', -2n)).toBe('Unsigned');
  expect(nameOf('Kind', 7n)).toBeNull();
  expect(nameOf('Byte', -1n)).toBe('Last');
  expect(nameOf('Other', 1n)).toBeUndefined();
  expect(nameOf('Plain', 1n)).toBeUndefined();
});

test('strange paths name nothing', () => {
  for (const path of [
    '',
    '.',
    'Tcb.',
    '.Tcb',
    'Tcb..Header',
    'Tcb[',
    'Tcb[-1]',
    'Tcb->Header',
    'toString',
    '__proto__',
  ])
    expect(thread.member(path)).toBeUndefined();
  for (const name of ['', '__proto__', 'constructor', ' ', '\n', '_EPROCESS 4f8'])
    expect(types.find(name)).toBeUndefined();
});

test('absent structures and members say where they are absent', () => {
  expect(types.whyAbsent('_EPROCESS', 'Peb')).toBeUndefined();
  expect(types.whyAbsent('_EPROCESS', 'Nothing')).toBe(
    'no _EPROCESS.Nothing in the built-in profile of build 19041.3570',
  );
  expect(types.whyAbsent('_POOL_DESCRIPTOR')).toBe(
    'no _POOL_DESCRIPTOR in the built-in profile of build 19041.3570',
  );
});

test('32-bit pointers have 4 bytes', () => {
  const old = profileTypes('x86', 7601)!;
  expect(old.find('_LIST_ENTRY')).toMatchObject({ size: 8, pointerSize: 4 });
  expect(old.find('_EPROCESS')?.member('Peb')).toMatchObject({ offset: 0x1a8, size: 4 });
});

test('types of members', () => {
  expect(parseMemberType('*_KTHREAD[2][3]', 8)).toMatchObject({
    kind: 'pointer',
    dimensions: [2, 3],
    elementSize: 8,
    target: '_KTHREAD',
  });
  expect(parseMemberType('**void', 4)).toMatchObject({ kind: 'pointer', target: '*void', elementSize: 4 });
  expect(parseMemberType('{1c}', 8)).toMatchObject({
    kind: 'structure',
    elementSize: 0x1c,
    structure: undefined,
  });
  expect(parseMemberType('i64:4:60', 8)).toMatchObject({ kind: 'i64', bits: { position: 4, width: 60 } });
  for (const text of ['', '[3]', 'u8[', 'u8 ', '*', 'u8:1']) expect(parseMemberType(text, 8)).toBeUndefined();
});

test('SP-7: every member of every profile lies inside its structure, and its type can be read', () => {
  const wrong: string[] = [];
  for (const profile of profiles) {
    const pointerSize = profile.machine === 'x86' ? 4 : 8;
    for (const name of profile.names()) {
      const { size, members } = profile.structure(name)!;
      for (const { path, type, offset } of members) {
        const parsed = parseMemberType(type, pointerSize);
        const element = parsed?.elementSize ?? profile.structure(parsed?.structure ?? '')?.size;
        const length = (element ?? 0) * (parsed?.dimensions ?? []).reduce((a, b) => a * b, 1);
        const bits = parsed?.bits === undefined ? 0 : parsed.bits.position + parsed.bits.width;
        const isInside = offset + length <= size && bits <= (element ?? 0) * 8;
        if (parsed === undefined || !isInside) wrong.push(`${profile.version} ${name}.${path} ${type}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});
