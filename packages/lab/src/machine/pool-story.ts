import type { Va } from '@poolscope/engine/base';
import { type MachinePool, PoolType } from '../pool/index.ts';

/** What some part of the system keeps in pool: its tag, where, and how many bytes at least and at most. */
interface Habit {
  readonly tag: string;
  readonly type: number;
  readonly sizes: readonly [least: number, most: number];
  /** A process pays. */
  readonly isCharged?: boolean;
}

const { NonPagedPool, PagedPool, NonPagedPoolNx } = PoolType;

/** Tags as Windows uses them, and sizes about as it does. */
const habits: readonly Habit[] = [
  { tag: 'Irp ', type: NonPagedPool, sizes: [0x118, 0x400] },
  { tag: 'File', type: NonPagedPool, sizes: [0x130, 0x150], isCharged: true },
  { tag: 'Even', type: NonPagedPool, sizes: [0x58, 0x70], isCharged: true },
  { tag: 'Mdl ', type: NonPagedPool, sizes: [0x38, 0x78] },
  { tag: 'MmCa', type: NonPagedPool, sizes: [0xb8, 0x140] },
  { tag: 'Vad ', type: NonPagedPool, sizes: [0x70, 0x90] },
  { tag: 'EtwR', type: NonPagedPoolNx, sizes: [0x90, 0xb0] },
  { tag: 'Thre', type: NonPagedPoolNx, sizes: [0x4a0, 0x4f0] },
  { tag: 'Sema', type: NonPagedPoolNx, sizes: [0x58, 0x68], isCharged: true },
  { tag: 'AfdB', type: NonPagedPoolNx, sizes: [0x20, 0x1f0] },
  { tag: 'NDpb', type: NonPagedPoolNx, sizes: [0x200, 0xe80] },
  { tag: 'MmSt', type: PagedPool, sizes: [0x40, 0xc00] },
  { tag: 'Ntfx', type: PagedPool, sizes: [0x70, 0x150] },
  { tag: 'NtfF', type: PagedPool, sizes: [0x1d0, 0x1e0] },
  { tag: 'Toke', type: PagedPool, sizes: [0x400, 0x780], isCharged: true },
  { tag: 'CMVa', type: PagedPool, sizes: [0x10, 0x90] },
  { tag: 'ObNm', type: PagedPool, sizes: [0x10, 0x60] },
  { tag: 'FMfn', type: PagedPool, sizes: [0x80, 0x1c0] },
  { tag: 'Gla1', type: PagedPool, sizes: [0xfe0, 0xfe0] },
];

/** Whole pages, which have no header. */
const large: readonly Habit[] = [
  { tag: 'Cont', type: NonPagedPool, sizes: [0x1001, 0x3000] },
  { tag: 'MmRe', type: NonPagedPoolNx, sizes: [0x2000, 0x4800] },
  { tag: 'CM25', type: PagedPool, sizes: [0x1000, 0x5000] },
];

const rounds = 24;
/** Of so many blocks one is freed again, when some others have come. */
const freedOf = 3;
const keptLarge = 7;

/** Fills the pools as on a system that has run for a while: a few hundred blocks, many of them freed again. */
export function populatePool(pool: MachinePool, process: Va, processors: number, seed = 0): void {
  const random = randomNumbers(0x706f_6f6c + seed);
  const { hasNx } = pool.generation;
  const make = ({ tag, type, sizes: [least, most], isCharged = false }: Habit): PoolBlock => {
    const bytes = least + random(most - least + 1);
    const kind = hasNx || type !== NonPagedPoolNx ? type : NonPagedPool;
    const caller = { processor: random(processors), irql: 0 };
    const address = isCharged
      ? pool.allocateWithQuota(kind, bytes, tag, process, caller)
      : pool.allocate(kind, bytes, tag, caller);
    return { address, tag };
  };
  const waiting: PoolBlock[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const habit of habits) {
      const block = make(habit);
      if (random(freedOf) === 0) waiting.push(block);
    }
    const due = waiting.splice(0, random(waiting.length + 1));
    for (const { address, tag } of due) pool.free(address, tag, { processor: random(processors), irql: 0 });
    if (round < keptLarge) make(large[round % large.length]!);
    else if (round < keptLarge + large.length) waiting.push(make(large[round - keptLarge]!));
  }
}

interface PoolBlock {
  readonly address: Va;
  readonly tag: string;
}

/** Numbers below a limit, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}
