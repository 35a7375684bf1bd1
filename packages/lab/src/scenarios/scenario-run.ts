import { assert, type Va } from '@poolscope/engine/base';
import { u32Bytes } from '../bytes/integers.ts';
import { blockCacheControls, type Numbers, RecordDriver } from '../drivers/index.ts';
import { randomNumbers } from '../machine/pool-story.ts';
import type { ScenarioBlock, ScenarioDamage, ScenarioVictim, ToldTruth } from '../machine/scenario-truth.ts';
import { KernelPool, type TrueBlock } from '../pool/index.ts';
import { type Driver, DriverWrites, type RunningMachine } from '../run/index.ts';
import { fillBlocks } from './odd-contents.ts';
import { standingDamage } from './standing-damage.ts';
import { goesOn, stuck } from './story-error.ts';
import { Traffic } from './traffic.ts';

const page = 0x1000n;
/** A machine in the middle of a scenario, and what is told of it. */
export class ScenarioRun {
  readonly machine: RunningMachine;
  readonly numbers: Numbers;
  readonly traffic: Traffic;
  readonly #seed: number;
  /** Those that keep records. */
  readonly drivers: readonly RecordDriver[];
  /** Who does it, where that is settled. */
  readonly culprit: RecordDriver | undefined;
  #truth: (() => ToldTruth) | undefined;

  constructor(
    machine: RunningMachine,
    seed: number,
    drivers: readonly Driver[] = [],
    culprit?: RecordDriver,
  ) {
    this.machine = machine;
    this.culprit = culprit;
    this.#seed = seed;
    this.numbers = randomNumbers(seed);
    this.drivers = drivers.filter((driver) => driver instanceof RecordDriver);
    this.traffic = new Traffic(machine, this.drivers, this.numbers);
  }

  /** The driver of a class; of several the one whose story it is. */
  driver(kind: new (variant?: number) => RecordDriver): RecordDriver {
    if (this.culprit instanceof kind) return this.culprit;
    const found = this.drivers.find((driver) => driver instanceof kind);
    assert(found !== undefined, `the machine has no ${kind.name}`);
    return found;
  }

  /** Is the machine's pool made of segment heaps? */
  get hasHeaps(): boolean {
    return !(this.machine.pool instanceof KernelPool);
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

  /** A machine that has run for a while: its pool is full of what the system and the drivers keep there. */
  settle(): void {
    const { pool, space } = this.machine;
    const inUse = new Set(pool.blocks().map(({ header }) => header));
    this.warmUp();
    const added = pool.blocks().filter(({ header }) => !inUse.has(header));
    fillBlocks(space, added, this.numbers);
    this.traffic.work(60 + this.numbers(40));
  }

  /** Something that should not be done: what is true then is told, also when the machine stops in it. */
  deed(culprit: string, act: () => void, truth: (writes: DriverWrites) => ToldTruth): void {
    const writes = this.watch(culprit);
    try {
      act();
    } finally {
      this.machine.cpu.watch = undefined;
      const told = truth(writes);
      const bytes = told.damage && writes.bytesAt(told.damage.start, told.damage.length);
      this.tell(() => this.#asItIs(told, bytes));
    }
  }

  /** What was told, as it is now that the machine has stopped: damage that others have written over, blocks that were freed. */
  #asItIs(told: ToldTruth, then: Uint8Array | undefined): ToldTruth {
    const victims = told.victims.map((victim) => this.#victimNow(victim));
    if (told.damage === undefined || then === undefined) return { ...told, victims };
    const now = this.#bytesNow(told.damage);
    const { damage, isGone } = standingDamage(told.damage, then, now, this.hasHeaps);
    return { ...told, victims, damage, ...(isGone && { damageIsGone: true }) };
  }

  /** Bytes of pages that the pool has given back since are undefined. */
  #bytesNow({ start, length }: ScenarioDamage): (number | undefined)[] {
    return Array.from({ length }, (_, index) => this.machine.space.byteAt(start + BigInt(index)));
  }

  /** A block that was hit may have been freed since, and joined with others. */
  #victimNow(victim: ScenarioVictim): ScenarioVictim {
    const blocks = this.machine.pool.blocks();
    const now = blocks.find(({ header }) => header === victim.address);
    return now === undefined || now.state !== 'allocated' ? { ...victim, state: 'free' } : victim;
  }

  /** Lets the block cache take blocks until one begins a page of its own. */
  cacheUntilFreshPage(bytes: number): void {
    for (let tries = 0; tries < 256; tries++) if (this.cache(bytes) % page === 0x10n) return;
    stuck('no allocation took a fresh page');
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
      .blocks()
      .find(({ header, size }) => va >= header && va < header + BigInt(size));
    const block = found ?? this.#specialAt(va);
    goesOn(block !== undefined, `no block of pool is at ${va.toString(16)}`);
    return block;
  }

  /** A block of special pool as if it had a header of no bytes: it reaches to the end of its page. */
  #specialAt(va: Va): TrueBlock | undefined {
    const found = this.machine.special?.blockAt(va) ?? this.machine.special?.freedAt(va);
    if (found === undefined) return undefined;
    const { address, tag, kind, size: requested } = found;
    const size = Number(page - (address % page));
    return { header: address, address, size, requested, tag, kind, state: 'allocated', process: undefined };
  }
}

export const tagText = (tag: number | undefined): string =>
  tag === undefined
    ? 'Free'
    : String.fromCharCode(...[0, 8, 16, 24].map((shift) => ((tag & 0x7fff_ffff) >>> shift) & 0xff));

export const blockTruth = (block: TrueBlock): ScenarioBlock => ({
  address: block.header,
  size: block.size,
  tag: tagText(block.tag),
  pool: block.kind,
  allocator: block.allocator ?? 'classic',
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
  goesOn(changed !== undefined, 'the driver has damaged nothing there');
  const { start, bytes } = changed;
  const damage = { start, length: bytes.length, pattern };
  return pattern === 'text' ? { ...damage, text: String.fromCharCode(...bytes).replace(/\0+$/, '') } : damage;
}
