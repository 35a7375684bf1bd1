import { expect, test } from 'vitest';
import { SparseMemory } from '../../test/sparse-memory.ts';
import { profileTypes } from './profile-types.ts';
import { slistDepth, slistFirst } from './slist.ts';
import { Structure } from './structure.ts';

const types = profileTypes('x64', 19041)!;
const at = 0xffff_8000_1234_0000n;

const view = (name: string, fill: (memory: SparseMemory, offset: (path: string) => bigint) => void) => {
  const type = types.find(name)!;
  const memory = new SparseMemory();
  fill(memory, (path) => at + BigInt(type.offset(path)!));
  return new Structure(type, memory, at);
};

test('integers, pointers, texts and structures inside', () => {
  const process = view('_EPROCESS', (memory, offset) =>
    memory
      .putInteger(offset('UniqueProcessId'), 4n, 8)
      .putInteger(offset('ActiveThreads'), 0xffff_fff0n, 4)
      .putInteger(offset('ExitStatus'), 0xc000_0005n, 4)
      .putInteger(offset('Pcb.DirectoryTableBase'), 0x1aa000n, 8)
      .put(offset('ImageFileName'), new TextEncoder().encode('System\0\0\0\0\0\0\0\0\0')),
  );
  expect(process.pointer('UniqueProcessId')).toBe(4n);
  expect(process.number('ActiveThreads')).toBe(0xffff_fff0);
  expect(process.number('ExitStatus')).toBe(0xc000_0005 - 2 ** 32);
  expect(process.text('ImageFileName')).toBe('System');
  expect(process.inner('Pcb')?.bigint('DirectoryTableBase')).toBe(0x1aa000n);
  expect(process.address('ImageFileName')).toBe(at + 0x5a8n);
});

test('bit fields', () => {
  const header = view('_POOL_HEADER', (memory) => memory.putInteger(at, 0x0203_0405n, 4));
  expect(header.number('PreviousSize')).toBe(0x05);
  expect(header.number('PoolIndex')).toBe(0x04);
  expect(header.number('BlockSize')).toBe(0x03);
  expect(header.number('PoolType')).toBe(0x02);
  expect(header.flag('PoolType')).toBe(true);
});

test('an integer beyond 2^53 is a bigint and no number', () => {
  const header = view('_SLIST_HEADER', (memory) => memory.putInteger(at, 2n ** 64n - 1n, 8));
  expect(header.bigint('Alignment')).toBe(2n ** 64n - 1n);
  expect(header.number('Alignment')).toBeUndefined();
});

test('an absent member and missing memory are told apart', () => {
  const process = view('_EPROCESS', () => {});
  expect(process.number('ActiveThreads')).toBeUndefined();
  expect(process.has('ActiveThreads')).toBe(true);
  expect(process.why('ActiveThreads')).toBe('the bytes are not in this dump');
  expect(process.fault('ActiveThreads')?.at).toBe(process.address('ActiveThreads'));
  expect(process.number('Nothing')).toBeUndefined();
  expect(process.has('Nothing')).toBe(false);
  expect(process.why('Nothing')).toBe('no _EPROCESS.Nothing in the built-in profile of build 19041.3570');
  expect(process.fault('Nothing')).toBeUndefined();
});

test('a member that is half missing has no value', () => {
  const process = view('_EPROCESS', (memory, offset) => memory.put(offset('ActiveThreads'), [1, 2]));
  expect(process.number('ActiveThreads')).toBeUndefined();
  expect(process.fault('ActiveThreads')?.got).toEqual(Uint8Array.of(1, 2));
});

test('counted strings', () => {
  const text = (length: bigint, buffer: bigint) =>
    view('_DRIVER_OBJECT', (memory, offset) =>
      memory
        .putInteger(offset('DriverName.Length'), length, 2)
        .putInteger(offset('DriverName.MaximumLength'), length, 2)
        .putInteger(offset('DriverName.Length') + 4n, 0n, 4)
        .putInteger(offset('DriverName.Buffer'), buffer, 8)
        .put(at + 0x1000n, [0x41, 0, 0x42, 0]),
    ).unicodeString('DriverName');
  expect(text(4n, at + 0x1000n)).toBe('AB');
  expect(text(5n, at + 0x1000n)).toBe('AB');
  expect(text(0n, 0n)).toBe('');
  expect(text(0xffffn, at + 0x1000n)).toBeUndefined();
  expect(text(4n, 0n)).toBeUndefined();
});

test('32-bit pointers are sign-extended', () => {
  const old = profileTypes('x86', 7601)!;
  const type = old.find('_LIST_ENTRY')!;
  const memory = new SparseMemory().putInteger(0xffff_ffff_8052_3000n, 0x8052_4000n, 4);
  const list = new Structure(type, memory, 0xffff_ffff_8052_3000n);
  expect(list.pointer('Flink')).toBe(0xffff_ffff_8052_4000n);
  expect(list.pointer('Blink')).toBeUndefined();
});

test('addresses wrap at the end of the address space', () => {
  const end = new Structure(types.find('_LIST_ENTRY')!, new SparseMemory(), 0xffff_ffff_ffff_fff8n);
  expect(end.address('Blink')).toBe(0n);
});

test('the head of an SLIST', () => {
  const header = view('_SLIST_HEADER', (memory) =>
    memory.putInteger(at, 0x0001_0003n, 8).putInteger(at + 8n, 0xffff_9a00_1111_2220n | 0x2n, 8),
  );
  expect(slistFirst(header)).toBe(0xffff_9a00_1111_2220n);
  expect(slistDepth(header)).toBe(3);
  const old = new Structure(
    profileTypes('x86', 7601)!.find('_SLIST_HEADER')!,
    new SparseMemory().putInteger(0x1000n, 0x0002_0001_8111_2228n, 8),
    0x1000n,
  );
  expect(slistFirst(old)).toBe(0xffff_ffff_8111_2228n);
  expect(slistDepth(old)).toBe(1);
});
