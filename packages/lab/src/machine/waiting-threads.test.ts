import { describe, expect, it } from 'vitest';
import { MemoryView } from '../../test/memory-view.ts';
import { type UnwindState, unwindFrame } from '../../test/unwind.ts';
import { buildMachine } from './build-machine.ts';
import type { Machine } from './machine.ts';
import type { TrueThread } from './truth.ts';

const waitingOf = ({ truth }: Machine): TrueThread[] =>
  truth.processes.flatMap(({ threads }) => threads).filter(({ frames }) => frames !== undefined);

const nonvolatile = ['rbx', 'rbp', 'rsi', 'rdi', 'r12', 'r13', 'r14', 'r15'];
const x64Names = [
  ...['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi'],
  ...['r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'],
];

describe('a waiting thread of an x64 machine', () => {
  const machine = buildMachine();
  const memory = new MemoryView(machine.space);
  const nt = machine.truth.modules[0]!;
  const pe = nt.base + BigInt(memory.u32(nt.base + 0x3cn));
  const directory = pe + 24n + 112n + 3n * 8n;
  const table = {
    base: nt.base,
    table: nt.base + BigInt(memory.u32(directory)),
    count: memory.u32(directory + 4n) / 12,
  };
  const inKernel = (ip: bigint) => (ip >= nt.base && ip < nt.base + BigInt(nt.size) ? table : undefined);

  it('has a KSWITCH_FRAME where KTHREAD.KernelStack points: rbp, then the return address', () => {
    const waiting = waitingOf(machine);
    expect(waiting.map(({ id }) => id)).toEqual([0x18, 0x1c, 0x1cc, 0x268, 0xca0, 0xca4, 0x1b24]);
    for (const { address, frames } of waiting) {
      const kernelStack = memory.u64(address + 0x58n);
      expect(frames![0]!.function).toBe('nt!KiSwapContext');
      expect(memory.u64(kernelStack + 0x38n)).toBe(frames![0]!.ip);
      expect(memory.u64(kernelStack + 0x30n)).toBe(frames![0]!.registers['rbp']);
      expect(kernelStack + 0x40n).toBe(frames![0]!.sp);
    }
  });

  it('unwinds from there to its true frames with their nonvolatile registers', () => {
    for (const { frames } of waitingOf(machine)) {
      const { ip, registers } = frames![0]!;
      const state: UnwindState = { ip, registers: x64Names.map((name) => registers[name]!) };
      for (const frame of frames!) {
        expect([frame.function, state.ip, state.registers[4]]).toEqual([frame.function, frame.ip, frame.sp]);
        for (const name of nonvolatile)
          expect([frame.function, name, state.registers[x64Names.indexOf(name)]]).toEqual([
            frame.function,
            name,
            frame.registers[name],
          ]);
        unwindFrame(state, memory, inKernel);
      }
    }
  });

  it('waits for objects whose wait lists lead back to its blocks', () => {
    let seen = 0;
    for (const { address, waitsFor } of waitingOf(machine)) {
      const blocks = memory.u64(address + 0xd0n);
      for (const [index, object] of waitsFor.entries()) {
        const block = blocks + BigInt(index) * 0x30n;
        expect(memory.u64(block + 0x20n)).toBe(object.address);
        expect(memory.u64(block + 0x18n)).toBe(address);
        // DISPATCHER_HEADER.WaitListHead.
        expect(memory.u64(object.address + 8n)).toBe(block);
        expect(memory.u64(block)).toBe(object.address + 8n);
        seen++;
      }
    }
    expect(seen).toBe(7);
  });
});

describe('a waiting thread of an x86 machine', () => {
  const machine = buildMachine({ architecture: 'x86' });
  const memory = new MemoryView(machine.space);

  it('has a KSWITCHFRAME: exception list, APC bypass, return address', () => {
    for (const { address, frames } of waitingOf(machine)) {
      const kernelStack = memory.pointer(address + 0x48n, 4);
      expect(memory.pointer(kernelStack + 8n, 4)).toBe(frames![0]!.ip);
      expect(kernelStack + 0xcn).toBe(frames![0]!.sp);
      // KiSwapContext has saved its caller's frame pointer last.
      expect(memory.pointer(frames![0]!.sp, 4)).toBe(frames![1]!.registers['ebp']);
    }
  });
});

describe('processes of a machine', () => {
  const machine = buildMachine();
  const memory = new MemoryView(machine.space);

  it('have both of their lists of threads', () => {
    for (const { address, threads } of machine.truth.processes)
      for (const [head, link] of [
        [0x30n, 0x2f8n],
        [0x5e0n, 0x4e8n],
      ] as const) {
        const found: bigint[] = [];
        for (let at = memory.u64(address + head); at !== address + head; at = memory.u64(at))
          found.push(at - link);
        expect(found).toEqual(threads.map((thread) => thread.address));
      }
  });

  it('keep bit fields beside one another', () => {
    const [, , csrss] = machine.truth.processes;
    const [thread] = csrss!.threads;
    // KTHREAD.MiscFlags: Alertable. KTHREAD.ThreadFlags: KernelStackResident.
    expect(memory.u32(thread!.address + 0x74n)).toBe(1 << 4);
    expect(memory.u32(thread!.address + 0x78n)).toBe(1 << 17);
    // ETHREAD.CrossThreadFlags: I/O priority 2, page priority 5.
    expect(memory.u32(thread!.address + 0x510n)).toBe((2 << 9) | (5 << 12));
  });

  it('have page tables of their own with a memory of their own', () => {
    const roots = machine.truth.processes.map(({ directoryTableBase }) => directoryTableBase);
    expect(new Set(roots).size).toBe(roots.length);
    for (const { address, directoryTableBase } of machine.truth.processes)
      expect(memory.u64(address + 0x28n)).toBe(directoryTableBase);
  });
});
