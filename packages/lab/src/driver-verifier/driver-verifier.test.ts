import type { Va } from '@poolscope/engine/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryView } from '../../test/memory-view.ts';
import { u32Bytes } from '../bytes/integers.ts';
import { BlockCache, blockCacheControls, Myfault, myfaultControls } from '../drivers/index.ts';
import { StructureTable } from '../machine/structure-table.ts';
import { RunningMachine, SystemStopped } from '../run/index.ts';
import { poolLogLength, verifierFlags } from './index.ts';

const build = 9200;
const tables = new StructureTable('x64', build);
const size = (name: string): bigint => BigInt(tables.size(name)!);
const { specialPool, poolTracking } = verifierFlags;

const start = (flags: number, drivers: readonly string[] | 'all' = ['blkcache.sys']): RunningMachine =>
  new RunningMachine({
    build,
    drivers: [new BlockCache(), new Myfault()],
    verifier: { flags, drivers },
  });

/** A control of the block cache: what it allocates, or frees last. */
function cache(machine: RunningMachine, bytes: number | 'free'): Va {
  const input = bytes === 'free' ? {} : { input: u32Bytes(bytes) };
  const code = bytes === 'free' ? blockCacheControls.freeNewest : blockCacheControls.allocate;
  machine.deviceControl({ driver: 'blkcache', code, ...input });
  return machine.readPointerAt(machine.readPointer('blkcache!NextSlot') - 8n);
}

/** Records of the pool log as they are in memory, oldest first. */
function logOf(machine: RunningMachine): { address: Va; size: bigint; stack: Va[] }[] {
  const memory = new MemoryView(machine.space);
  const base = machine.readPointer('nt!VfPoolTraces');
  const count = memory.u32(machine.address('nt!VfPoolTracesIndex'));
  const at = (name: string) => BigInt(tables.offset('_VF_POOL_TRACE', name)!);
  return Array.from({ length: count }, (_, index) => {
    const record = base + BigInt(index + 1) * size('_VF_POOL_TRACE');
    const stack = Array.from({ length: 13 }, (_each, frame) =>
      memory.u64(record + at('StackTrace') + 8n * BigInt(frame)),
    );
    return { address: memory.u64(record + at('Address')), size: memory.u64(record + at('Size')), stack };
  });
}

/** Blocks that the verifier's counters and records tell of, by the structures in memory. */
function countersOf(machine: RunningMachine): Record<string, number> {
  const memory = new MemoryView(machine.space);
  const data = machine.address('nt!MmVerifierData');
  const names = [
    ...['Level', 'AllocationsAttempted', 'AllocationsSucceeded', 'AllocationsSucceededSpecialPool', 'Loads'],
    ...['CurrentNonPagedPoolAllocations', 'PeakNonPagedPoolAllocations', 'NonPagedBytes'],
  ];
  return Object.fromEntries(
    names.map((name) => [name, memory.u32(data + BigInt(tables.offset('_MM_DRIVER_VERIFIER_DATA', name)!))]),
  );
}

const step = fc.oneof(fc.integer({ min: 1, max: 0x1400 }), fc.constant('free' as const));

describe.each([specialPool, poolTracking, specialPool | poolTracking])(
  'with flags %i the verifier',
  (flags) => {
    it('counts and logs what a driver allocates and frees', () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
          const machine = start(flags);
          const live: { address: Va; bytes: number }[] = [];
          const done: Va[] = [];
          let [allocated, special, peak] = [0, 0, 0];
          for (const each of steps) {
            if (each === 'free' && live.length === 0) continue;
            const address = cache(machine, each);
            if (each === 'free') done.push(live.pop()!.address);
            else {
              allocated++;
              if (machine.special?.blockAt(address) !== undefined) special++;
              live.push({ address, bytes: each });
              done.push(address);
            }
            peak = Math.max(peak, live.length);
          }
          const tracks = (flags & poolTracking) !== 0;
          expect(countersOf(machine)).toEqual({
            Level: flags,
            AllocationsAttempted: allocated,
            AllocationsSucceeded: allocated,
            AllocationsSucceededSpecialPool: special,
            Loads: 1,
            CurrentNonPagedPoolAllocations: tracks ? live.length : 0,
            PeakNonPagedPoolAllocations: tracks ? peak : 0,
            NonPagedBytes: tracks ? live.reduce((sum, { bytes }) => sum + bytes, 0) : 0,
          });
          const log = logOf(machine);
          expect(log.map(({ address }) => address)).toEqual(done);
          if ((flags & specialPool) !== 0) {
            const small = live.filter(({ bytes }) => bytes <= 0xfe0);
            expect(machine.special!.truth().length).toBe(small.length);
          }
        }),
        { numRuns: 8 },
      );
    });
  },
);

describe('a record of the log', () => {
  const machine = start(specialPool | poolTracking);
  cache(machine, 0x123);
  cache(machine, 'free');

  it('has the stack of the call, up to user mode', () => {
    const [allocation, free] = logOf(machine);
    expect([allocation!.size, free!.size]).toEqual([0x123n, 0x123n]);
    const within = (va: Va, symbol: string) =>
      va > machine.address(symbol) && va < machine.address(symbol) + 0x200n;
    const first = (symbols: readonly string[], stack: readonly Va[]) =>
      symbols.map((symbol, index) => [symbol, within(stack[index]!, symbol)]);
    const below = ['blkcache!BlkcacheDeviceControl', 'blkcache!BlkcacheDispatch'];
    const allocating = ['nt!VeAllocatePoolWithTagPriority', 'nt!VerifierExAllocatePoolWithTag', ...below];
    const freeing = ['nt!VfFreePoolNotification', 'nt!VerifierExFreePoolWithTag', ...below];
    expect(first(allocating, allocation!.stack).filter(([, held]) => held === false)).toEqual([]);
    expect(first(freeing, free!.stack).filter(([, held]) => held === false)).toEqual([]);
    for (const va of allocation!.stack) expect(va === 0n || va >> 63n === 1n).toBe(true);
  });

  it('is one of as many as Microsoft says', () => {
    const length = new MemoryView(machine.space).u32(machine.address('nt!VfPoolTracesLength'));
    expect([length, poolLogLength]).toEqual([0x1_0000, 0x1_0000]);
  });
});

describe('only a driver that was chosen', () => {
  const slotOf = (machine: RunningMachine, driver: string) => {
    const memory = new MemoryView(machine.space);
    const target = machine.address('nt!VerifierExFreePoolWithTag');
    const base = machine.address(`${driver}!DriverEntry`) & ~0xfffn;
    for (let at = base - 0x1000n; at < base + 0x8000n; at += 8n)
      if (machine.space.pfnOf(at) !== undefined && memory.u64(at) === target) return at;
    return undefined;
  };

  it('calls the verifier through its imports', () => {
    const machine = start(specialPool);
    expect(slotOf(machine, 'blkcache')).toBeDefined();
    expect(slotOf(machine, 'myfault')).toBeUndefined();
    expect(slotOf(start(specialPool, 'all'), 'myfault')).toBeDefined();
  });

  it('is stopped', () => {
    const machine = start(specialPool | poolTracking);
    machine.deviceControl({ driver: 'myfault', code: myfaultControls.zeroBytes });
    const watched = start(poolTracking, 'all');
    const call = () => watched.deviceControl({ driver: 'myfault', code: myfaultControls.zeroBytes });
    expect(call).toThrow(SystemStopped);
    expect(watched.finish().bugCheck).toEqual({ code: 0xc4, parameters: [0n, 0n, 0n, 0n] });
  });
});
