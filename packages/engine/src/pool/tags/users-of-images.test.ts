import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../cpu/index.ts';
import { loadDisassembler } from '../../disasm/index.ts';
import { BufferSource } from '../../io/index.ts';
import { runToEnd } from '../../memory/index.ts';
import { FileImage, findImport, ImageProblem, type ImageReader, readImageHeaders } from '../../pe/index.ts';
import { searchTagUsers, type TagUsers, tagValue } from '../index.ts';
import { findArm64Values } from './arm64.ts';

const shared = new URL('../../../../../../shared/pdbs/systeminformer/', import.meta.url);
const base = 0xffff_f805_0000_0000n;

const imageOf = (folder: string): ImageReader =>
  new FileImage(new BufferSource(readFileSync(new URL(`${folder}/systeminformer.sys`, shared))));

async function usersIn(image: ImageReader, machine: Machine, tag: string): Promise<TagUsers> {
  const headers = readImageHeaders(image);
  if (headers instanceof ImageProblem) throw new Error(headers.reason);
  const module = { name: 'systeminformer', base, size: headers.sizeOfImage };
  const code = {
    symbols: { modules: [{ module, image }], nameOf: () => undefined },
    disassembler: await loadDisassembler(machine),
  };
  return runToEnd(searchTagUsers(code as never, tagValue(tag)));
}

/** As `llvm-objdump -d` lists them; it allocates through functions of its own, whose source is public. */
describe.skipIf(!existsSync(shared))('tags in the code of a real driver', () => {
  it('x64: every instruction with the tag, and what it is for', async () => {
    const { users, modules, unseen } = await usersIn(imageOf('amd64'), 'x64', 'Kpc0');
    expect({ modules, unseen }).toEqual({ modules: 1, unseen: [] });
    expect(users.map(({ address, text, trust, call }) => [address - base, text, trust, call?.name])).toEqual([
      [0x1788n, 'mov edx,3063704Bh', 'strong', 'ntoskrnl.exe!ExAllocatePoolWithTag'],
      [0x1824n, 'mov edi,3063704Bh', 'strong', 'ntoskrnl.exe!ExFreePoolWithTag'],
      [0x18a3n, 'mov edi,3063704Bh', 'strong', 'ntoskrnl.exe!ExFreePoolWithTag'],
      [0x18e1n, 'mov edx,3063704Bh', 'strong', 'ntoskrnl.exe!ExFreePoolWithTag'],
      [0x198fn, 'mov r12d,3063704Bh', 'strong', 'ntoskrnl.exe!ExAllocatePoolWithTag'],
    ]);
  });

  it('arm64: values that are loaded from between functions', async () => {
    const { users } = await usersIn(imageOf('arm64'), 'arm64', 'Kpc0');
    const [first, ...rest] = users.map(({ address, text }) => [address - base, text.replace(/,.*`/, ' ')]);
    expect(first).toEqual([0x182cn, 'ldr w1 00001870']);
    expect(rest.map(([at]) => at)).toEqual([0x18d0n, 0x194cn, 0x198cn, 0x1a50n, 0x1a90n, 0x1ae8n, 0x1b00n]);
  });

  it('imports have the names of the import table', () => {
    expect(findImport(imageOf('amd64'), 0xb200)).toEqual({
      image: 'ntoskrnl.exe',
      name: 'ExFreePoolWithTag',
      ordinal: undefined,
    });
    expect(findImport(imageOf('amd64'), 0xb201)).toBeUndefined();
    expect(findImport(imageOf('amd64'), 0x1000)).toBeUndefined();
  });
});

it('arm64: values of two halves, in any order, into the same register', async () => {
  const place = (operation: number, register: number, half: number, isHigh: boolean): number =>
    ((operation << 23) | (Number(isHigh) << 21) | (half << 5) | register) >>> 0;
  const [movz, movk] = [0xa5, 0xe5];
  const words = [
    ...[place(movz, 2, 0x704b, false), place(movk, 2, 0x3063, true)],
    ...[place(movz, 9, 0x3063, true), 0xd503201f, place(movk, 9, 0x704b, false)],
    // Another register, the same half twice, another value.
    ...[place(movz, 1, 0x704b, false), place(movk, 3, 0x3063, true)],
    ...[place(movz, 1, 0x704b, false), place(movk, 1, 0x704b, false)],
    ...[place(movz, 1, 0x704b, false), place(movk, 1, 0x3064, true)],
  ];
  const bytes = new Uint8Array(Uint32Array.from(words).buffer);
  const code = {
    disassembler: await loadDisassembler('arm64'),
    bytes,
    vaOf: (at: number) => base + BigInt(at),
  };
  const found = findArm64Values(code as never, 0x3063_704b, () => true);
  expect(found.map(({ instruction, next }) => [Number(instruction.address - base), next])).toEqual([
    [0, 8],
    [8, 20],
  ]);
});
