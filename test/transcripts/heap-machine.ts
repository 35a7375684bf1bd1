import { heapScenarios, type Machine, playScenario, RunningMachine } from '@poolscope/lab';

const [nonPagedNx, cacheAligned] = [0x200, 0x204];
const lookasideSize = 0x2d0;
/** `Spcl`, by number. */
const specialTag = 0x6c63_7053;

/**
 * A machine of build 19041 that stopped for a reason of its own, and whose heaps have something of everything: slots of the LFH,
 * chunks of VS, blocks put aside in a lookaside list and in the list of delayed frees, pages, a large allocation, and a block of
 * special pool.
 */
export function heapMachine(change?: (machine: RunningMachine) => void): Machine {
  const machine = new RunningMachine({
    build: 19_041,
    memoryPages: 0x2000,
    specialPool: { poolTag: specialTag },
  });
  const { pool } = machine;
  const many = Array.from({ length: 40 }, () => pool.allocate(nonPagedNx, 0x90, 'SmpL'));
  many.forEach((va, index) => index % 3 === 1 && pool.free(va, 'SmpL'));
  const mixed = Array.from({ length: 16 }, (_, index) => pool.allocate(nonPagedNx, 0x210 + index * 0x70, 'SmpV'));
  mixed.forEach((va, index) => index % 4 === 1 && pool.free(va, 'SmpV'));
  pool.drainDeferred();
  for (let round = 0; round < 4; round++) {
    const kept = Array.from({ length: 30 }, () => pool.allocate(nonPagedNx, lookasideSize, 'SmpK'));
    for (const va of kept) pool.free(va, 'SmpK');
    pool.rebalance?.();
  }
  const used = Array.from({ length: 3 }, () => pool.allocate(nonPagedNx, lookasideSize, 'SmpK'));
  pool.free(used[1]!, 'SmpK');
  pool.free(mixed[6]!, 'SmpV');
  pool.allocate(cacheAligned, 0x100, 'SmpA');
  pool.allocate(nonPagedNx, 0x1337, 'SmpP');
  pool.allocate(nonPagedNx, 0x5000, 'V2lg');
  pool.allocate(nonPagedNx, 0x81_1234, 'Huge');
  machine.special?.allocate({ type: nonPagedNx, bytes: 0x64, tag: 'Spcl' });
  change?.(machine);
  try {
    machine.systemThread('nt!KeBugCheckEx', 0xe2n);
  } catch {
    // That is how it stops.
  }
  return machine.finish();
}

/**
 * A machine that stopped with the addresses of four blocks of VS, so that a small dump has their pages and nothing of their
 * heap: the chunks on them prove the key.
 */
export function loneHeapPages(): Machine {
  const machine = new RunningMachine({ build: 19_041, memoryPages: 0x2000 });
  const { pool } = machine;
  const used = Array.from({ length: 64 }, (_, index) =>
    pool.allocate(nonPagedNx, 0x1f0 + (index % 5) * 0x50, 'SmpV'),
  );
  pool.free(used[17]!, 'SmpV');
  pool.drainDeferred();
  const parameters = [10, 20, 30, 40].map((index) => used[index]!);
  try {
    machine.systemThread('nt!KeBugCheckEx', 0xe2n);
  } catch {
    // That is how it stops.
  }
  return { ...machine.finish(), bugCheck: { code: 0xe2, parameters } };
}

/** In _SEGMENT_HEAP of 19041: VsContext.FreeChunkTree, and the first link of VsContext.DelayFreeContext. */
const [freeTree, firstDelayed] = [0x290n, 0x2c8n];
const heapAddress = 0xffff_9a0f_4d60_0000n;

/** The same with a tree of free chunks that leads to itself, a list of delayed frees that leads nowhere, and another key. */
export const brokenHeap = (): Machine =>
  heapMachine((machine) => {
    const write = (va: bigint, value: bigint): void =>
      machine.space.write(va, new Uint8Array(BigUint64Array.of(value).buffer));
    const read = (va: bigint): bigint => new BigUint64Array(machine.space.read(va, 8).slice().buffer)[0]!;
    const root = read(heapAddress + freeTree);
    write(root, root);
    write(read(heapAddress + firstDelayed), 0x4141_4141_4141_4141n);
    const key = machine.address('nt!RtlpHpHeapGlobals');
    write(key, read(key) ^ 0xffn);
  });

/** A story of such a machine. */
export const playedHeap = (name: string): Machine =>
  playScenario(heapScenarios.find((each) => each.name === name)!, { build: 19_041, seed: 1 });
