import { describe, expect, it } from 'vitest';
import { MemoryView } from '../../test/memory-view.ts';
import { type UnwindState, unwindFrame } from '../../test/unwind.ts';
import { buildMachine } from './build-machine.ts';
import type { Machine } from './machine.ts';
import type { CrashKind } from './platform.ts';

const crashes: CrashKind[] = ['service-exception', 'page-fault', 'pool-free', 'system-thread'];

const x64Names = [
  ...['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi'],
  ...['r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'],
];
const nonvolatile = ['rbx', 'rbp', 'rsi', 'rdi', 'r12', 'r13', 'r14', 'r15'];

/** Unwind tables as a debugger finds them: in the image headers in memory. */
function tableFinder(machine: Machine, memory: MemoryView) {
  return (ip: bigint) => {
    const module = machine.truth.modules.find(({ base, size }) => ip >= base && ip < base + BigInt(size));
    if (module === undefined) return undefined;
    const pe = module.base + BigInt(memory.u32(module.base + 0x3cn));
    const directory = pe + 24n + 112n + 3n * 8n;
    return {
      base: module.base,
      table: module.base + BigInt(memory.u32(directory)),
      count: memory.u32(directory + 4n) / 12,
    };
  };
}

describe.each(crashes)('the stack of an x64 machine after %s', (crash) => {
  const machine = buildMachine({ crash });
  const { frames, registers } = machine.truth;

  it('unwinds to the true frames with their nonvolatile registers', () => {
    const memory = new MemoryView(machine.space);
    const findTable = tableFinder(machine, memory);
    const state: UnwindState = { ip: registers['rip']!, registers: x64Names.map((name) => registers[name]!) };
    for (const [index, frame] of frames.entries()) {
      expect([index, state.ip, state.registers[4]]).toEqual([index, frame.ip, frame.sp]);
      for (const name of nonvolatile)
        expect([frame.function, name, state.registers[x64Names.indexOf(name)]]).toEqual([
          frame.function,
          name,
          frame.registers[name],
        ]);
      const more = unwindFrame(state, memory, findTable);
      expect(more).toBe(index + 1 < frames.length);
    }
  });

  it('lies in the stack of the thread and grows downwards', () => {
    const kernel = frames.filter((frame) => frame.function !== undefined);
    for (const [index, { sp }] of kernel.entries()) {
      expect(sp >= machine.stack.limit && sp < machine.stack.base).toBe(true);
      if (index > 0) expect(sp).toBeGreaterThan(kernel[index - 1]!.sp);
    }
  });

  it('returns to places after call instructions', () => {
    const memory = new MemoryView(machine.space);
    for (const frame of frames.filter(({ leftBy }) => leftBy === 'call')) {
      const before = memory.bytes(frame.ip - 6n, 6);
      const isCall =
        before[1] === 0xe8 ||
        (before[0] === 0xff && before[1] === 0x15) ||
        (before[4] === 0xff && before[5] === 0xd0);
      expect([frame.function, isCall]).toEqual([frame.function, true]);
    }
  });

  it('calls the functions that the frames name', () => {
    const memory = new MemoryView(machine.space);
    const checked = frames.flatMap((frame, index) => {
      const callee = frames[index - 1]?.function;
      const target = frame.leftBy === 'call' ? callTarget(memory, frame.ip) : undefined;
      if (target === undefined || callee === undefined) return [];
      // A moved part is reached by a jump from the function that was called.
      return [{ callee, target, start: machine.truth.symbols.get(callee.split('$')[0]!) }];
    });
    expect(checked.length).toBeGreaterThan(3);
    for (const { callee, target, start } of checked) expect([callee, target]).toEqual([callee, start]);
  });
});

/** Where the direct call or the call through an import slot that ends at `ip` leads. */
function callTarget(memory: MemoryView, ip: bigint): bigint | undefined {
  const opcode = memory.bytes(ip - 6n, 2);
  const there = ip + BigInt(memory.u32(ip - 4n) | 0);
  if (opcode[0] === 0xff && opcode[1] === 0x15) return memory.u64(there);
  return opcode[1] === 0xe8 ? there : undefined;
}

describe('the fault of an x64 machine', () => {
  const machine = buildMachine();
  const { fault } = machine.truth;
  const memory = new MemoryView(machine.space);

  it('is the instruction that follows a pointer made of the letter O', () => {
    expect([...memory.bytes(fault!.ip, 4)]).toEqual([0x4c, 0x8b, 0x48, 0x08]);
    expect(fault?.instruction).toBe('mov r9,qword ptr [rax+8]');
    expect(fault?.registers['rax']).toBe(0x4f4f_4f4f_4f4f_4f4fn);
  });

  it('is told by exception record and context record in memory', () => {
    const { exceptionRecord, contextRecord } = fault!;
    expect([machine.bugCheck.code, ...machine.bugCheck.parameters]).toEqual([
      0x3b,
      0xffff_ffff_c000_0005n,
      fault!.ip,
      contextRecord,
      0n,
    ]);
    expect(memory.u32(exceptionRecord!)).toBe(0xc000_0005);
    expect(memory.u64(exceptionRecord! + 0x10n)).toBe(fault!.ip);
    expect(memory.u64(contextRecord! + 0x78n)).toBe(0x4f4f_4f4f_4f4f_4f4fn);
    expect(memory.u64(contextRecord! + 0xf8n)).toBe(fault!.ip);
    expect(memory.u64(contextRecord! + 0x98n)).toBe(fault!.registers['rsp']);
    expect(contextRecord! % 16n).toBe(0n);
  });

  it('left a trap frame whose machine frame leads back', () => {
    const handler = machine.truth.frames.find((frame) => frame.function === 'nt!KiGeneralProtectionFault')!;
    expect(memory.u64(handler.trapFrame! + 0x168n)).toBe(fault!.ip);
    expect(memory.u64(handler.trapFrame! + 0x180n)).toBe(fault!.registers['rsp']);
    expect(memory.u64(handler.trapFrame! + 0x30n)).toBe(fault!.registers['rax']);
    expect(memory.u16(handler.trapFrame! + 0x170n)).toBe(0x10);
    expect(handler.registers['rbp']).toBe(handler.trapFrame! + 0x80n);
  });
});

describe.each(crashes)('the stack of an x86 machine after %s', (crash) => {
  const machine = buildMachine({ architecture: 'x86', crash });
  const { frames } = machine.truth;

  it('is a chain of frame pointers', () => {
    const memory = new MemoryView(machine.space);
    const [first, second] = [frames[0]!, frames[1]!];
    expect(memory.pointer(first.sp, 4)).toBe(second.ip);
    let ebp = first.registers['ebp']!;
    for (const [index, frame] of frames.entries()) {
      if (index === 0 || frame.function === undefined) continue;
      expect([frame.function, frame.registers['ebp']]).toEqual([frame.function, ebp]);
      const caller = frames[index + 1];
      if (caller === undefined) {
        expect(memory.pointer(ebp + 4n, 4)).toBe(0n);
        break;
      }
      // In a trap frame the two words are DbgEbp and DbgEip.
      expect([frame.function, memory.pointer(ebp + 4n, 4)]).toEqual([frame.function, caller.ip]);
      ebp = memory.pointer(ebp, 4);
    }
  });

  it('has trap frames in the layout of the build', () => {
    const memory = new MemoryView(machine.space);
    for (const [index, frame] of frames.entries()) {
      if (frame.trapFrame === undefined) continue;
      const interrupted = frames[index + 1]!;
      expect(memory.pointer(frame.trapFrame + 0x68n, 4)).toBe(interrupted.ip);
      expect(memory.pointer(frame.trapFrame + 0x60n, 4)).toBe(interrupted.registers['ebp']);
      expect(memory.pointer(frame.trapFrame + 0x40n, 4)).toBe(interrupted.registers['eax']);
      if (interrupted.function === undefined)
        expect(memory.pointer(frame.trapFrame + 0x74n, 4)).toBe(interrupted.sp);
      else expect(frame.trapFrame + 0x74n).toBe(interrupted.sp);
    }
  });
});

describe.each(crashes)('the stack of an arm64 machine after %s', (crash) => {
  const machine = buildMachine({ architecture: 'arm64', crash });
  const { frames } = machine.truth;

  it('is a chain of frame records', () => {
    const memory = new MemoryView(machine.space);
    expect(frames[0]!.registers['lr']).toBe(frames[1]!.ip);
    for (const [index, frame] of frames.entries()) {
      const caller = frames[index + 1];
      if (index === 0 || caller === undefined || frame.function === undefined) continue;
      const record = frame.registers['fp']!;
      expect([frame.function, memory.u64(record)]).toEqual([frame.function, caller.registers['fp']]);
      if (caller.leftBy === 'call')
        expect([frame.function, memory.u64(record + 8n)]).toEqual([frame.function, caller.ip]);
    }
  });

  it('has pc and sp of interrupted code above the handler’s frame', () => {
    const memory = new MemoryView(machine.space);
    for (const [index, frame] of frames.entries()) {
      const interrupted = frames[index + 1];
      if (interrupted?.leftBy !== 'trap') continue;
      const machineFrame = frame.sp + 0x120n;
      expect([memory.u64(machineFrame), memory.u64(machineFrame + 8n)]).toEqual([
        interrupted.sp,
        interrupted.ip,
      ]);
    }
  });
});
