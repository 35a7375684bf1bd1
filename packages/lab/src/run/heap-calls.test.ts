import type { Va } from '@poolscope/engine/base';
import { describe, expect, it } from 'vitest';
import { MemoryView } from '../../test/memory-view.ts';
import { useSegmentHeaps } from '../segment-heaps.ts';
import {
  type Control,
  Driver,
  type Routine,
  RunningMachine,
  type RunningOptions,
  SystemStopped,
} from './index.ts';

useSegmentHeaps();

const build = 19_041;
const tag = 0x7473_6554;
const bytes = 0x523;
const flags = { uninitialized: 2, cacheAligned: 8, nonPaged: 0x40, execute: 0x80, paged: 0x100 };
const controls = { allocate: 0x22_2004, free: 0x22_2008, freeAgain: 0x22_200c, withTag: 0x22_2010 };

/** Asks for a block with the flags of its caller, and frees it. */
class Caller extends Driver {
  override readonly name = 'caller';
  override readonly globals = { Block: 8 };

  override controls(): readonly Control[] {
    const block = (routine: Routine) => routine.load(this.global('Block'));
    return [
      {
        code: controls.allocate,
        body: (routine, { buffer }) => {
          const wanted = routine.load(buffer, 0);
          routine.store(this.global('Block'), 0, routine.result('nt!ExAllocatePool2', wanted, bytes, tag));
        },
      },
      {
        code: controls.withTag,
        body: (routine) =>
          routine.store(this.global('Block'), 0, routine.result('nt!ExAllocatePoolWithTag', 1, bytes, tag)),
      },
      { code: controls.free, body: (routine) => routine.call('nt!ExFreePoolWithTag', block(routine), tag) },
      { code: controls.freeAgain, body: (routine) => routine.call('nt!ExFreePool', block(routine)) },
    ];
  }
}

function running(options: RunningOptions = {}) {
  const machine = new RunningMachine({ build, drivers: [new Caller()], ...options });
  const memory = new MemoryView(machine.space);
  const control = (code: number, input?: Uint8Array) =>
    machine.deviceControl({ driver: 'caller', code, ...(input && { input }) });
  const allocate = (wanted: number): Va => {
    expect(control(controls.allocate, Uint8Array.of(wanted & 0xff, wanted >> 8, 0, 0, 0, 0, 0, 0))).toBe(0);
    return machine.readPointer('caller!Block');
  };
  return { machine, memory, control, allocate };
}

/** The machine as it stopped. */
function stopped({ machine, control }: ReturnType<typeof running>, code: number) {
  expect(() => control(code)).toThrow(SystemStopped);
  return machine.finish();
}

describe('ExAllocatePool2', () => {
  it.each([
    [flags.nonPaged, 'nonpaged-nx'],
    [flags.execute, 'nonpaged'],
    [flags.paged, 'paged'],
    [flags.paged | flags.cacheAligned, 'paged'],
  ])('with flags %i gives zeroed memory of %s pool', (wanted, kind) => {
    const { machine, memory, control, allocate } = running();
    // What somebody left there.
    machine.space.write(allocate(wanted), new Uint8Array(bytes).fill(0x41));
    expect(control(controls.free)).toBe(0);
    const va = allocate(wanted);
    expect(memory.bytes(va, bytes).every((byte) => byte === 0)).toBe(true);
    const block = machine.pool.truth().blocks.find(({ address }) => address === va)!;
    expect([block.kind, block.requested, block.tag, block.state]).toEqual([kind, bytes, tag, 'allocated']);
    if ((wanted & flags.cacheAligned) !== 0) expect(va % 0x40n).toBe(0n);
  });

  it('leaves memory as it was when asked to, and refuses flags that name no pool', () => {
    const { machine, memory, control, allocate } = running();
    const first = allocate(flags.paged);
    machine.space.write(first, new Uint8Array(bytes).fill(0x41));
    control(controls.free);
    expect(allocate(flags.paged | flags.uninitialized)).toBe(first);
    expect(memory.bytes(first + 0x10n, 1)[0]).toBe(0x41);
    expect(allocate(flags.uninitialized)).toBe(0n);
  });
});

describe('heap corruption', () => {
  const damaged = () => {
    const found = running();
    found.control(controls.withTag);
    const va = found.machine.readPointer('caller!Block');
    // The byte that leads to the subsegment: one page off, which is there.
    const at = va - 0x18n;
    found.machine.space.write(at, Uint8Array.of(found.memory.bytes(at, 1)[0]! ^ 1));
    return { ...found, va };
  };

  it('is told by the stack of real systems, frame by frame', () => {
    const { frames } = stopped(damaged(), controls.free).truth;
    const sizes = frames
      .slice(0, -1)
      .map((frame, index) => [frame.function, frames[index + 1]!.sp - frame.sp]);
    // Public stacks of 19041: the frames of the first four, and of ExFreeHeapPool and its caller.
    expect(sizes.slice(0, 7)).toEqual([
      ['nt!KeBugCheckEx', 8n],
      ['nt!RtlpHeapHandleError', 0x40n],
      ['nt!RtlpHpHeapHandleError', 0x30n],
      ['nt!RtlpLogHeapFailure', 0x30n],
      ['nt!RtlpHpVsContextFree', 0x90n],
      ['nt!ExFreeHeapPool', 0xe0n],
      ['nt!ExFreePoolWithTag', 0x30n],
    ]);
  });

  it('leaves the chunk and its node on the stack, and what is known in nt!RtlpHeapFailureInfo', () => {
    const found = damaged();
    const machine = stopped(found, controls.free);
    const { code, parameters } = machine.bugCheck;
    expect([code, parameters[0], parameters[3]]).toEqual([0x13a, 0x12n, 0n]);
    const { frames } = machine.truth;
    const low = frames[0]!.sp;
    const caller = frames.find((frame) => frame.function === 'caller!CallerDeviceControl')!.sp;
    const words = new Set(
      Array.from({ length: Number(caller - low) / 8 }, (_, index) =>
        found.memory.u64(low + BigInt(8 * index)),
      ),
    );
    const chunk = found.va - 0x20n;
    expect([words.has(chunk), words.has(chunk + 8n)]).toEqual([true, true]);
    const info = found.machine.address('nt!RtlpHeapFailureInfo');
    expect(found.memory.u32(info + 8n)).toBe(0x12);
    expect([found.memory.u64(info + 0x10n), found.memory.u64(info + 0x18n)]).toEqual(parameters.slice(1, 3));
  });

  it('in a tree is the fast fail of trees, with the node in hand', () => {
    const found = running();
    const taken = Array.from({ length: 24 }, () => {
      found.control(controls.withTag);
      return found.machine.readPointer('caller!Block');
    });
    const size = 0x560n;
    const front = taken.find((va) => taken.includes(va + size))!;
    found.machine.pool.free(front);
    const node = front - 0x18n;
    // A child that is somebody else's: the page of the block behind.
    for (const link of [0n, 8n])
      found.machine.space.write(node + link, new Uint8Array(new BigUint64Array([front + size]).buffer));
    found.machine.space.write(
      found.machine.address('caller!Block'),
      new Uint8Array(new BigUint64Array([front + size]).buffer),
    );
    const { bugCheck, truth } = stopped(found, controls.free);
    expect([bugCheck.code, bugCheck.parameters[0]]).toEqual([0x139, 0x1dn]);
    const names = truth.frames.map((frame) => frame.function);
    expect(names.slice(0, 3)).toEqual(['nt!KeBugCheckEx', 'nt!KiBugCheckDispatch', 'nt!KiFastFailDispatch']);
    const at = names.indexOf('nt!RtlRbRemoveNode');
    expect(names.slice(at, at + 2)).toEqual(['nt!RtlRbRemoveNode', 'nt!RtlpHpVsChunkCoalesce']);
    expect([truth.frames[at]!.registers['rsi'], truth.frames[at]!.registers['r8']]).toContain(node);
  });
});

describe('Driver Verifier on a segment heap', () => {
  it('gets calls of ExAllocatePool2, and gives zeroed blocks of special pool', () => {
    const { machine, memory, control, allocate } = running({
      verifier: { flags: 9, drivers: ['caller.sys'] },
    });
    const va = allocate(flags.nonPaged);
    const block = machine.special!.blockAt(va)!;
    expect([block.size, block.tag, va]).toEqual([bytes, tag, block.page + BigInt((0x1000 - bytes) & ~15)]);
    expect(memory.bytes(va, bytes).every((byte) => byte === 0)).toBe(true);
    // The verifier's record, and the pattern behind that.
    expect(memory.u32(block.page) & 0xffff).toBe(bytes | 0x4000);
    expect(memory.bytes(block.page + 0x18n, 1)[0]).toBe(block.pattern);
    expect(control(controls.freeAgain)).toBe(0);
    expect(machine.space.pfnOf(va)).toBeUndefined();
    const { bugCheck } = stopped({ machine, memory, control, allocate }, controls.freeAgain);
    expect(bugCheck.code).toBe(0xcc);
  });
});
