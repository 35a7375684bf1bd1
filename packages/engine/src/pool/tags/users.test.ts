import * as lab from '@poolscope/lab';
import { expect, it } from 'vitest';
import { BufferSource, openSession, runToEnd } from '../../index.ts';
import { findTagUsers } from './users.ts';

const machineWith = (codeOf: (at: bigint) => readonly number[]) => {
  const machine = lab.buildMachine();
  const nt = machine.truth.modules.find(({ module }) => module === 'nt')!;
  const at = nt.symbols.get('KeBugCheckEx')!;
  machine.space.write(at, Uint8Array.from(codeOf(at)));
  return { machine, at };
};

const usersOf = async (machine: lab.Machine, tag: string) => {
  const { system } = await openSession(new BufferSource(lab.dumpBytes(machine, { type: 'full' })));
  return runToEnd(findTagUsers(system, tag));
};

it('code with a tag is found in the images, whatever becomes of it', async () => {
  // mov eax, 656E6F4Eh; jmp to itself, as nt!ExAllocatePool hands its tag on.
  const { machine, at } = machineWith(() => [0xb8, 0x4e, 0x6f, 0x6e, 0x65, 0xe9, 0xf6, 0xff, 0xff, 0xff]);
  const users = await usersOf(machine, 'None');
  expect(users).toMatchObject([
    {
      address: at,
      module: 'nt',
      text: 'mov eax,656E6F4Eh',
      use: 'unknown',
      trust: 'weak',
      call: undefined,
    },
  ]);
  expect(await usersOf(machine, 'Nope')).toEqual([]);
});

it('a tag in the third argument of a call that leads to no allocation', async () => {
  // mov r8d, 'Leak'; xor ecx, ecx; call to itself.
  const { machine, at } = machineWith(() => [
    0x41, 0xb8, 0x4c, 0x65, 0x61, 0x6b, 0x33, 0xc9, 0xe8, 0xf3, 0xff, 0xff, 0xff,
  ]);
  const [user, ...others] = await usersOf(machine, 'Leak');
  expect(others).toEqual([]);
  expect(user).toMatchObject({ module: 'nt', address: at, trust: 'weak', call: undefined });
});
