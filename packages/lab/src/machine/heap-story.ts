import type { Va } from '@poolscope/engine/base';
import { type MachinePool, PoolType } from '../pool/index.ts';
import { randomNumbers } from './pool-story.ts';

/** Objects of one size that some part of the system makes many of, and how many of them live at a time. */
interface Crowd {
  readonly tag: string;
  readonly type: number;
  readonly bytes: number;
  readonly live: number;
  /** How many more come and go in each round. */
  readonly passing?: number;
  /** A process pays. */
  readonly isCharged?: boolean;
}

const { PagedPool, NonPagedPoolNx } = PoolType;

/** Tags as Windows uses them; sizes and numbers about as on a system that has just started. */
const crowds: readonly Crowd[] = [
  { tag: 'Even', type: NonPagedPoolNx, bytes: 0x70, live: 44, isCharged: true },
  { tag: 'EtwR', type: NonPagedPoolNx, bytes: 0xb0, live: 30 },
  { tag: 'File', type: NonPagedPoolNx, bytes: 0x170, live: 26, isCharged: true },
  { tag: 'Vad ', type: NonPagedPoolNx, bytes: 0x90, live: 34 },
  { tag: 'Irp ', type: NonPagedPoolNx, bytes: 0x1d8, live: 22 },
  { tag: 'MmCa', type: NonPagedPoolNx, bytes: 0x138, live: 24 },
  { tag: 'CMVa', type: PagedPool, bytes: 0x48, live: 60 },
  { tag: 'ObNm', type: PagedPool, bytes: 0x30, live: 48 },
  { tag: 'NtfF', type: PagedPool, bytes: 0x1d8, live: 24 },
  { tag: 'FMfn', type: PagedPool, bytes: 0x148, live: 28 },
  // Larger than what the low fragmentation heap serves: these come and go by lookasides.
  { tag: 'Thre', type: NonPagedPoolNx, bytes: 0x6d0, live: 6, passing: 16 },
  { tag: 'NDnb', type: NonPagedPoolNx, bytes: 0x2c0, live: 12, passing: 16 },
  { tag: 'AfdC', type: NonPagedPoolNx, bytes: 0x3b0, live: 8, passing: 16 },
  { tag: 'MmSt', type: PagedPool, bytes: 0x298, live: 12, passing: 16 },
  { tag: 'Toke', type: PagedPool, bytes: 0x770, live: 5, passing: 16, isCharged: true },
];

/** So often all of them come, and some go. */
const rounds = 4;
/** Of so many one goes before the next round. */
const freedOf = 3;
/** What has no size in common with anything, so that chunks are left between others. */
const odd = { count: 40, most: 0xe00, tags: ['Ntfx', 'IoNm', 'CcSc', 'Pnp9'] } as const;

interface Living {
  readonly address: Va;
  readonly tag: string;
}

/**
 * Fills segment heaps as on a system that has run for a while: the sizes that are asked for most are active in the low
 * fragmentation heap and have lookasides with blocks in them, and between the chunks of the rest there are free ones.
 */
export function populateHeaps(pool: MachinePool, process: Va, processors: number, seed = 0): void {
  const random = randomNumbers(0x6865_6170 + seed);
  const caller = () => ({ processor: random(processors), irql: 0 });
  const make = ({ tag, type, bytes, isCharged = false }: Omit<Crowd, 'live' | 'passing'>): Living => ({
    address: isCharged
      ? pool.allocateWithQuota(type, bytes, tag, process, caller())
      : pool.allocate(type, bytes, tag, caller()),
    tag,
  });
  const living: Living[] = [];
  const leave = (count: number): void => {
    for (let left = count; left > 0 && living.length > 0; left--) {
      const [gone] = living.splice(random(living.length), 1);
      pool.free(gone!.address, gone!.tag, caller());
    }
  };
  for (let round = 0; round < rounds; round++) {
    for (const crowd of crowds) {
      for (let count = crowd.live / 2; count > 0; count--) living.push(make(crowd));
      for (let count = crowd.passing ?? 0; count > 0; count--) {
        const { address, tag } = make(crowd);
        pool.free(address, tag, caller());
      }
    }
    for (let count = 0; count < odd.count / rounds; count++) {
      const type = random(2) === 0 ? PagedPool : NonPagedPoolNx;
      const tag = odd.tags[random(odd.tags.length)]!;
      living.push(make({ tag, type, bytes: 1 + random(odd.most) }));
    }
    // Lists come and go with what was asked for before; what leaves after that is in them.
    if (round % 2 === 1) pool.rebalance?.();
    leave(Math.floor(living.length / freedOf));
  }
}
