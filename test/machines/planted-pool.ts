import {
  buildMachine,
  type KernelPool,
  type KernelWorld,
  type Machine,
  type MachineOptions,
  type PoolTruth,
} from '@poolscope/lab';

/** A machine with a pool that was used, and what is in it. */
export interface PoolMachine {
  readonly machine: Machine;
  readonly truth: PoolTruth;
}

type Space = KernelWorld['space'];

/** A machine of a build that keeps classic pool, which was used for a while; `damage` writes into it at last. */
export function machineWithPool(
  options: MachineOptions & { readonly build: number },
  steps: number,
  damage?: (truth: PoolTruth, space: Space) => void,
): PoolMachine {
  let used: KernelPool | undefined;
  const machine = buildMachine({
    memoryPages: 0x2000,
    ...options,
    usePool: (pool, { space }) => {
      mixUses(pool, space, options.build, steps);
      used = pool;
    },
    // The machine's own objects come into the pool later.
    prepare: ({ space }) => {
      if (used !== undefined) damage?.(used.truth(), space);
    },
  });
  const { pool: truth } = machine.truth;
  if (truth === undefined) throw new Error(`build ${options.build} keeps no classic pool`);
  return { machine, truth };
}

const tags = ['File', 'Irp ', 'Even', 'MmCa', 'Ntf\u00f8', 'Thre'];

/** A repeatable mix of requests and frees, of all sizes and of nonpaged and paged pool; blocks are filled with bytes. */
function mixUses(pool: KernelPool, space: Space, seed: number, steps: number): void {
  let state = seed;
  const random = (limit: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const live: { readonly address: bigint; readonly tag: string }[] = [];
  for (let step = 0; step < steps; step++) {
    if (random(3) === 0 && live.length > 0) {
      const [block] = live.splice(random(live.length), 1);
      pool.free(block!.address, block!.tag);
      continue;
    }
    const size = random(20) === 0 ? 0x1000 + random(0x3000) : random(4) === 0 ? random(0xf00) : random(0x200);
    const tag = tags[random(tags.length)]!;
    const address = pool.allocate(random(2), size, tag);
    if (address === 0n) continue;
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at++) bytes[at] = random(256);
    space.write(address, bytes);
    live.push({ address, tag });
  }
}
