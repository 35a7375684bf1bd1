import { buildMachine, dumpBytes, type MachineOptions } from '@poolscope/lab';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SparseMemory } from '../../test/sparse-memory.ts';
import type { Dump } from '../dump/index.ts';
import { BufferSource } from '../io/index.ts';
import { openSession } from '../session.ts';
import { reportProcess, reportThread } from '../system/index.ts';
import { profileTypes } from '../types/index.ts';
import type { Kernel } from './index.ts';
import { readIrpList, readWaitObjects, Target, walkProcesses, walkThreads } from './index.ts';
import { KernelStructures } from './kernel-structures.ts';

const at = 0xffff_8000_1234_0000n;

/** A kernel of Windows 7, 8.1 or 10 whose memory is what a test puts there. */
function kernelWith(buildNumber: number, memory: SparseMemory): Kernel {
  const header = { machine: 'x64', build: buildNumber, psActiveProcessHead: at, bugCheckParameters: [] };
  const target = new Target({ header, blocks: [] } as unknown as Dump, memory);
  const structures = new KernelStructures(target, profileTypes('x64', buildNumber, []), []);
  return { target, data: undefined, structures, processors: [], thread: undefined, process: undefined };
}

/** Small numbers of places, so that pointers often lead to each other. */
const pointer = fc.integer({ min: 0, max: 0x60 }).map((slot) => at + BigInt(slot) * 0x40n);
const words = fc.array(fc.oneof(pointer, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })), {
  minLength: 0x100,
  maxLength: 0x400,
});

function memoryOf(values: readonly bigint[]): SparseMemory {
  const memory = new SparseMemory();
  for (const [index, value] of values.entries()) memory.putInteger(at + BigInt(index * 8), value, 8);
  return memory;
}

describe('objects made of any bytes', () => {
  it.each([7601, 9600, 19041])('of build %i end every walk', (buildNumber) => {
    fc.assert(
      fc.property(words, pointer, (values, address) => {
        const kernel = kernelWith(buildNumber, memoryOf(values));
        const objects = readWaitObjects(kernel, address);
        expect(objects?.length ?? 0).toBeLessThanOrEqual(65);
        expect(readIrpList(kernel, address)!.irps.length).toBeLessThanOrEqual(values.length);
        expect([...walkThreads(kernel, address)].length).toBeLessThanOrEqual(2 * values.length);
        expect([...walkProcesses(kernel)].length).toBeLessThanOrEqual(values.length);
      }),
      { numRuns: 60 },
    );
  });

  it('waits of Windows 7 form a ring, and one that never closes ends', () => {
    const kernel = kernelWith(7601, new SparseMemory());
    const offset = (name: string, path: string) => BigInt(kernel.structures.offset(name, path)!);
    const [thread, first] = [at, at + 0x1000n];
    const memory = kernel.target.memory as SparseMemory;
    memory.putInteger(thread + offset('_KTHREAD', 'WaitBlockList'), first, 8);
    const block = (index: number, next: bigint, object: bigint) =>
      memory
        .putInteger(first + BigInt(index) * 0x30n + offset('_KWAIT_BLOCK', 'NextWaitBlock'), next, 8)
        .putInteger(first + BigInt(index) * 0x30n + offset('_KWAIT_BLOCK', 'Object'), object, 8);
    block(0, first + 0x30n, 0xa000n);
    block(1, first, 0xb000n);
    expect(readWaitObjects(kernel, thread)?.map(({ address }) => address)).toEqual([0xa000n, 0xb000n]);
    for (let index = 1; index < 200; index++) block(index, first + BigInt(index + 1) * 0x30n, 0xc000n);
    expect(readWaitObjects(kernel, thread)).toHaveLength(65);
  });
});

describe('reports of any address', () => {
  it.each([{}, { architecture: 'x86' }, { architecture: 'arm64' }] as MachineOptions[])(
    '%j never throw',
    async (options) => {
      const machine = buildMachine(options);
      const { system } = await openSession(new BufferSource(dumpBytes(machine, { type: 'bitmap-kernel' })));
      const near = fc.constantFrom(
        machine.process.va,
        machine.thread.va,
        machine.stack.base,
        ...machine.truth.modules.map(({ base }) => base),
      );
      const address = fc
        .tuple(near, fc.integer({ min: -0x1000, max: 0x1000 }))
        .map(([va, by]) => va + BigInt(by));
      fc.assert(
        fc.property(address, (va) => {
          expect(reportThread(system, va).thread.address).toBe(va);
          expect(reportProcess(system, va, { statistics: true, threads: 'wait' }).process.address).toBe(va);
        }),
        { numRuns: 60 },
      );
    },
  );
});
