import type { Va } from '@poolscope/engine/base';
import type { LoadedImage } from '../machine/loaded-images.ts';
import type { TruePoolTrace } from '../machine/planted-traces.ts';
import { PlantedStructure } from '../machine/structure-table.ts';
import { highestLevel } from '../pool/pool-checks.ts';
import { PoolBugCheck } from '../pool/pool-fault.ts';
import { headerType, pagedBit } from '../pool/pool-type.ts';
import type { SpecialPool } from '../special-pool/index.ts';
import { PoolCounters, VerifierCounters } from './counters.ts';
import { type IrqlChange, IrqlLog } from './irql-log.ts';
import type { TrackedBlock } from './pool-entries.ts';
import { PoolLog } from './pool-log.ts';
import { type VerifierSettings, verifierFlags } from './settings.ts';
import { type VerifiedDriver, VerifiedDrivers, type VerifierSite } from './verified-drivers.ts';

/** What Driver Verifier of a made-up machine is made of. */
export interface DriverVerifierOptions extends VerifierSite {
  readonly settings: VerifierSettings;
  readonly special: SpecialPool | undefined;
}

/** The thread that calls, and where it came from: return addresses, nearest first. */
export interface VerifierCaller {
  readonly thread: Va;
  readonly stack: readonly Va[];
}

/** A block that a verified driver has, and the verifier's record of it. */
interface Known {
  readonly driver: VerifiedDriver;
  readonly block: TrackedBlock;
  readonly entry: Va;
  /** Where the address of the record stands behind a block of ordinary pool. */
  readonly slot: Va | undefined;
}

const unit = 0x10n;
const pointer = 8n;

const violation = (kind: number, first: bigint, second: bigint, third: bigint): PoolBugCheck =>
  new PoolBugCheck(0xc4, [BigInt(kind), first, second, third]);

/**
 * Driver Verifier of a running machine, as far as pool goes: what it counts, tracks and logs is in the machine's memory,
 * where nt keeps it. Its checks throw the PoolBugCheck that stops the machine.
 */
export class DriverVerifier {
  readonly settings: VerifierSettings;
  readonly drivers: VerifiedDrivers;
  readonly #site: VerifierSite;
  readonly #special: SpecialPool | undefined;
  readonly #data: PlantedStructure;
  readonly #log: PoolLog | undefined;
  readonly #irqlLog: IrqlLog | undefined;
  readonly #counters = new VerifierCounters();
  readonly #pool = new PoolCounters();
  readonly #blocks = new Map<Va, Known>();

  constructor(options: DriverVerifierOptions) {
    const { world, loaded, tables, settings, special } = options;
    this.#site = options;
    this.settings = settings;
    this.#special = special;
    const address = loaded.address('nt!MmVerifierData');
    this.#data = new PlantedStructure(world.space, tables, '_MM_DRIVER_VERIFIER_DATA', address);
    this.#data.set({ Level: settings.flags });
    this.drivers = new VerifiedDrivers(options, settings);
    const logs = this.#has(verifierFlags.specialPool) || this.#has(verifierFlags.poolTracking);
    this.#log = logs ? new PoolLog(world, loaded, tables) : undefined;
    const track = tables.size('_VI_TRACK_IRQL');
    const tracks = this.#has(verifierFlags.forceIrql) && track !== undefined;
    this.#irqlLog = tracks ? new IrqlLog(options, track) : undefined;
    if (this.#has(verifierFlags.ioVerification))
      world.writePointer(loaded.address('nt!IopFunctionPointerMask'), 1n);
  }

  load(image: LoadedImage): void {
    if (this.drivers.load(image) !== undefined) this.#count('Loads');
  }

  /** A driver goes: throws where it has blocks that it did not free. */
  unload(base: Va): void {
    const driver = this.drivers.list.find(({ image }) => image.image.spec.base === base);
    if (driver === undefined) return;
    this.#count('Unloads');
    if (driver.outstanding > 0)
      throw violation(0x62, this.drivers.nameOf(driver), driver.target, BigInt(driver.outstanding));
    this.drivers.unload(driver);
  }

  /** What is looked at before a block is given out. */
  checkAllocation(type: number, bytes: bigint, tag: number, irql: number): void {
    this.#count('AllocationsAttempted');
    if (tag === 0) this.#count('AllocationsWithNoTag');
    const parameters = [BigInt(irql), BigInt(type), bytes] as const;
    if (bytes === 0n) throw violation(0, ...parameters);
    if (irql <= highestLevel(type)) return;
    throw violation((type & pagedBit) === 0 ? 2 : 1, ...parameters);
  }

  /** A block of special pool or of ordinary pool was given out; 0: there was no memory. */
  noteAllocation(facts: Omit<TrackedBlock, 'caller'>, caller: VerifierCaller): void {
    const { address, bytes, type } = facts;
    if (address === 0n) return this.#count('AllocationsFailed');
    this.#count('AllocationsSucceeded');
    const isSpecial = this.#special?.blockAt(address) !== undefined;
    if (isSpecial) this.#count('AllocationsSucceededSpecialPool');
    const { stack } = caller;
    const driver = this.drivers.list.find((each) => stack.some((va) => each.holds(va)));
    if (driver !== undefined && this.#has(verifierFlags.poolTracking)) {
      const block = { ...facts, caller: stack.find((va) => driver.holds(va))! };
      const entry = driver.track(block);
      this.#blocks.set(address, { driver, block, entry, slot: this.#keepEntry(address, entry, isSpecial) });
      this.#pool.add(type, bytes, 1);
      this.#data.set(this.#pool.values);
    }
    this.#note({ address, size: bytes, ...caller });
  }

  /** What is looked at before a block is freed. `word` is the start of its header, where it has one. */
  checkFree(address: Va, word: number | undefined, irql: number): void {
    const known = this.#blocks.get(address);
    const type = known?.block.type ?? (word === undefined ? undefined : (word >>> 24) & pagedBit);
    if (type !== undefined && irql > highestLevel(type))
      throw violation((type & pagedBit) === 0 ? 0x12 : 0x11, BigInt(irql), BigInt(type), address);
    if (word === undefined || this.#special?.holds(address) === true) return;
    if (((word >>> 24) & headerType.inUse) === 0) throw violation(0x13, 0n, address - unit, BigInt(word));
  }

  /** A block is about to be freed. Throws where what stands behind a tracked block was changed. */
  noteFree(address: Va, caller: VerifierCaller): void {
    const { space } = this.#site.world;
    if (this.#special?.holds(address) === true && space.pfnOf(address) === undefined) return;
    const known = this.#blocks.get(address);
    const size = known?.block.bytes ?? this.#special?.blockAt(address)?.size ?? 0;
    if (known?.slot !== undefined && this.#word(known.slot) !== known.entry)
      throw violation(0x51, address, known.slot, BigInt(known.block.bytes));
    this.#note({ address, size, ...caller });
    if (known === undefined) return;
    known.driver.forget(known.entry, known.block);
    this.#pool.add(known.block.type, known.block.bytes, -1);
    this.#data.set(this.#pool.values);
    this.#blocks.delete(address);
  }

  /** A driver raises the IRQL, or lowers it: throws where it does the other. */
  changeIrql(change: IrqlChange, raises: boolean): void {
    const { from, to } = change;
    if (raises) this.#count('RaiseIrqls');
    if (raises ? to < from : to > from) throw violation(raises ? 0x30 : 0x31, BigInt(from), BigInt(to), 0n);
    this.#irqlLog?.add(change);
  }

  #has(flag: number): boolean {
    return (this.settings.flags & flag) !== 0;
  }

  #count(name: string): void {
    this.#counters.count(name);
    this.#data.set({ [name]: this.#counters.values[name] });
  }

  #note(trace: TruePoolTrace): void {
    this.#log?.add(trace);
  }

  /** Special pool keeps it behind the header; a small block at its end; one of whole pages not at all. */
  #keepEntry(address: Va, entry: Va, isSpecial: boolean): Va | undefined {
    if (isSpecial) this.#special?.setEntry(address, entry);
    if (isSpecial || address % 0x1000n === 0n) return undefined;
    const units = this.#site.world.space.read(address - unit + 2n, 1)[0]!;
    const slot = address - unit + BigInt(units) * unit - pointer;
    this.#site.world.writePointer(slot, entry);
    return slot;
  }

  #word(va: Va): Va {
    return new DataView(this.#site.world.space.read(va, 8).buffer).getBigUint64(0, true);
  }
}
