import { assert, type Va } from '@poolscope/engine/base';
import { u32Bytes } from '../bytes/integers.ts';
import { blockCacheControls } from '../drivers/index.ts';
import type { ScenarioBlock, ScenarioDamage, ScenarioVictim, ToldTruth } from '../machine/scenario-truth.ts';
import type { TrueBlock } from '../pool/index.ts';
import { DriverWrites, type RunningMachine } from '../run/index.ts';

const page = 0x1000n;
/** A machine in the middle of a scenario, and what is told of it. */
export class ScenarioRun {
  readonly machine: RunningMachine;
  readonly #seed: number;
  #truth: (() => ToldTruth) | undefined;

  constructor(machine: RunningMachine, seed: number) {
    this.machine = machine;
    this.#seed = seed;
  }

  get truth(): ToldTruth | undefined {
    return this.#truth?.();
  }

  /** The truth is asked for when the machine has stopped. */
  tell(truth: () => ToldTruth): void {
    this.#truth = truth;
  }

  control(driver: string, code: number, input?: Uint8Array): number {
    return this.machine.deviceControl({ driver, code, ...(input === undefined ? {} : { input }) });
  }

  /** What the system does with its pool before the story begins. */
  warmUp(): void {
    this.machine.populate(this.#seed);
  }

  /** Lets the block cache take blocks until one begins a page of its own. */
  cacheUntilFreshPage(bytes: number): void {
    for (let tries = 0; tries < 256; tries++) if (this.cache(bytes) % page === 0x10n) return;
    assert(false, 'no allocation took a fresh page');
  }

  /** A block of the block cache; its address. */
  cache(bytes: number): Va {
    this.control('blkcache', blockCacheControls.allocate, u32Bytes(bytes));
    return this.machine.readPointerAt(this.machine.readPointer('blkcache!NextSlot') - 8n);
  }

  watch(module: string): DriverWrites {
    const writes = new DriverWrites(this.machine.space, module);
    this.machine.cpu.watch = writes;
    return writes;
  }

  /** The pool's own account of the block that an address lies in. */
  blockAt(va: Va): TrueBlock {
    const found = this.machine.pool
      .truth()
      .blocks.find(({ header, size }) => va >= header && va < header + BigInt(size));
    assert(found !== undefined, `no block of pool is at ${va.toString(16)}`);
    return found;
  }
}

const tagText = (tag: number | undefined): string =>
  tag === undefined
    ? 'Free'
    : String.fromCharCode(...[0, 8, 16, 24].map((shift) => ((tag & 0x7fff_ffff) >>> shift) & 0xff));

export const blockTruth = (block: TrueBlock): ScenarioBlock => ({
  address: block.header,
  size: block.size,
  tag: tagText(block.tag),
  pool: block.kind,
  allocator: 'classic',
  state: block.state === 'allocated' ? 'allocated' : 'free',
});

export const victimTruth = (block: TrueBlock): ScenarioVictim => ({
  address: block.header,
  size: block.size,
  state: block.state === 'allocated' ? 'allocated' : 'free',
});

/** Changed bytes of a range; of a text its closing NUL too. */
export function damageTruth(
  writes: DriverWrites,
  range: { readonly start: Va; readonly end: Va },
  pattern: ScenarioDamage['pattern'],
): ScenarioDamage {
  const { start: from, end } = range;
  const changed = pattern === 'text' ? writes.written(from, end) : writes.changed(from, end);
  assert(changed !== undefined, 'the driver has damaged nothing there');
  const { start, bytes } = changed;
  const damage = { start, length: bytes.length, pattern };
  return pattern === 'text' ? { ...damage, text: String.fromCharCode(...bytes).replace(/\0+$/, '') } : damage;
}
