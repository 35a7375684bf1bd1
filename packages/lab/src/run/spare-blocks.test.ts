import { BufferSource, openSession, reportLookasides, runToEnd } from '@poolscope/engine';
import type { Va } from '@poolscope/engine/base';
import { describe, expect, it } from 'vitest';
import { MemoryView } from '../../test/memory-view.ts';
import { u64Bytes } from '../bytes/integers.ts';
import { useSegmentHeaps } from '../segment-heaps.ts';
import { dumpBytes } from '../write-dump.ts';
import {
  allocateFromLookaside,
  type Control,
  Driver,
  freeToLookaside,
  lookasideBytes,
  RunningMachine,
  type RunningOptions,
  SystemStopped,
} from './index.ts';

useSegmentHeaps();

const controls = { quota: 4, make: 8, take: 12, give: 16, remove: 20, stop: 24 };
const tag = 0x7073_6b4c;
const bytes = 0xa0;

/** Keeps blocks of one size in a lookaside list, and asks for one that its caller pays for. */
class Keeper extends Driver {
  override readonly name = 'keeper';
  override readonly globals = { List: lookasideBytes, Block: 8 };

  override entry(routine: Parameters<Driver['entry']>[0]): void {
    routine.store(this.global('Block'), 0, routine.result('nt!ExAllocatePoolWithQuotaTag', 8, bytes, tag));
  }

  override routines(): ReturnType<Driver['routines']> {
    const [list, block] = [this.global('List'), this.global('Block')];
    return {
      KeeperTake: (routine) => routine.store(block, 0, allocateFromLookaside(routine, list)),
      KeeperGive: (routine) => freeToLookaside(routine, list, routine.load(block)),
    };
  }

  override controls(): readonly Control[] {
    const [list, block] = [this.global('List'), this.global('Block')];
    return [
      {
        code: controls.quota,
        body: (routine) =>
          routine.store(block, 0, routine.result('nt!ExAllocatePoolWithQuotaTag', 8, bytes, tag)),
      },
      {
        code: controls.make,
        body: (routine) => routine.call('nt!ExInitializeNPagedLookasideList', list, 0, 0, 0, bytes, tag, 0),
      },
      { code: controls.take, body: (routine) => routine.call('KeeperTake') },
      { code: controls.give, body: (routine) => routine.call('KeeperGive') },
      { code: controls.remove, body: (routine) => routine.call('nt!ExDeleteNPagedLookasideList', list) },
      { code: controls.stop, body: (routine) => routine.breakpoint() },
    ];
  }
}

function running(options: RunningOptions) {
  const machine = new RunningMachine({ drivers: [new Keeper()], ...options });
  const memory = new MemoryView(machine.space);
  const control = (code: number) => expect(machine.deviceControl({ driver: 'keeper', code })).toBe(0);
  const block = () => machine.readPointer('keeper!Block');
  return {
    machine,
    memory,
    control,
    block,
    take(): Va {
      control(controls.take);
      return block();
    },
    give(va: Va): void {
      machine.space.write(machine.address('keeper!Block'), u64Bytes(va));
      control(controls.give);
    },
    stateOf: (va: Va) => machine.pool.truth().blocks.find(({ address }) => address === va)?.state,
    /** The machine as it stopped. */
    stop() {
      expect(() => machine.deviceControl({ driver: 'keeper', code: controls.stop })).toThrow(SystemStopped);
      return machine.finish();
    },
  };
}

describe.each([7601, 9200, 17_763, 19_041])('blocks on build %i', (build) => {
  it('are charged to the process of a system call, and to nobody in a thread of the system', () => {
    const { machine, control, block, stop } = running({ build });
    const payerOf = (va: Va) => machine.pool.truth().blocks.find(({ address }) => address === va)!.process;
    const atStart = block();
    control(controls.quota);
    const charged = payerOf(block());
    expect(payerOf(atStart)).toBeUndefined();
    const stopped = stop();
    expect(charged).toBe(stopped.process.va);
  });

  it('stay in a list of the driver up to its depth, and come back newest first', () => {
    const { machine, memory, control, take, give, stateOf } = running({ build });
    control(controls.make);
    const list = machine.address('keeper!List');
    const blocks = Array.from({ length: 6 }, take);
    expect(new Set(blocks).size).toBe(6);
    for (const va of blocks) give(va);
    // Depth of the head, depth that is kept; six requests that it could not serve, two entries too many.
    expect([memory.u16(list), memory.u16(list + 0x10n)]).toEqual([4, 4]);
    expect([0x14n, 0x18n, 0x1cn, 0x20n].map((at) => memory.u32(list + at))).toEqual([6, 6, 6, 2]);
    // Those that are kept are the pool's as before; the pool has the others.
    expect(blocks.map((va) => stateOf(va) === 'allocated')).toEqual([true, true, true, true, false, false]);
    expect(memory.u64(blocks[3]!)).toBe(blocks[2]);
    expect([take(), take()]).toEqual([blocks[3], blocks[2]]);
    expect(memory.u16(list)).toBe(2);
    control(controls.remove);
    expect(blocks.slice(0, 2).map((va) => stateOf(va) === 'allocated')).toEqual([false, false]);
  });
});

describe('a lookaside list of a driver', () => {
  it('is found in the dump, with its entries and figures', async () => {
    const { machine, control, take, give, stop } = running({ build: 19_041 });
    control(controls.make);
    for (const va of [take(), take()]) give(va);
    const dump = dumpBytes(stop(), { type: 'bitmap-kernel' });
    const { system } = await openSession(new BufferSource(dump));
    const address = machine.address('keeper!List');
    const [own] = runToEnd(reportLookasides(system, { address })).lists;
    expect(machine.readPointer('nt!ExNPagedLookasideListHead')).toBe(address + 0x40n);
    expect(own).toMatchObject({
      depth: 2,
      size: bytes,
      tag,
      allocations: { total: 2, misses: 2 },
      frees: { total: 2, misses: 0 },
    });
  });

  it('whose entry was written over faults where the link is followed', () => {
    const { machine, control, take, give } = running({ build: 9200 });
    control(controls.make);
    const va = take();
    give(va);
    machine.space.write(va, u64Bytes(0x4141_4141_4141_4141n));
    expect(take()).toBe(va);
    expect(() => machine.deviceControl({ driver: 'keeper', code: controls.take })).toThrow(SystemStopped);
    const { bugCheck, truth } = machine.finish();
    expect(bugCheck.code).toBe(0x3b);
    expect(truth.fault!.function).toBe('nt!ExpInterlockedPopEntrySList');
    expect(truth.frames.map((frame) => frame.function)).toContain('keeper!KeeperDeviceControl');
  });
});
