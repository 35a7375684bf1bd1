import { assert, type Va } from '@poolscope/engine/base';
import { type Numbers, oneOf, RecordDriver } from '../drivers/index.ts';
import type { RunningMachine } from '../run/index.ts';
import { goesOn, stuck } from './story-error.ts';

/** A record that a driver keeps. */
export interface KeptRecord {
  readonly driver: RecordDriver;
  readonly slot: number;
  readonly bytes: number;
  readonly address: Va;
}

/** What an operation gets beside its record. */
export interface OperationInput {
  readonly number?: number;
  readonly data?: Uint8Array;
}

/** Records of a driver that ordinary work keeps at most. */
const mostKept = 24;

/** What the drivers of a machine do all day: records come, are looked at, and go. */
export class Traffic {
  readonly #machine: RunningMachine;
  readonly #numbers: Numbers;
  readonly #drivers: readonly RecordDriver[];
  readonly #kept: KeptRecord[] = [];
  /** Part of the story: ordinary work leaves them alone. */
  readonly #pinned = new Set<KeptRecord>();

  constructor(machine: RunningMachine, drivers: readonly RecordDriver[], numbers: Numbers) {
    this.#machine = machine;
    this.#drivers = drivers;
    this.#numbers = numbers;
  }

  get records(): readonly KeptRecord[] {
    return this.#kept;
  }

  /** The record of a driver that a block belongs to. */
  ownerOf(address: Va): KeptRecord | undefined {
    return this.#kept.find((record) => record.address === address);
  }

  create(
    driver: RecordDriver,
    {
      bytes = oneOf(this.#numbers, driver.sizes),
      data = driver.contents(this.#numbers, bytes),
    }: { bytes?: number; data?: Uint8Array } = {},
  ): KeptRecord {
    const slot = this.freeSlot(driver);
    this.send(driver, 'Create', slot, { number: bytes, data });
    const record = { driver, slot, bytes, address: this.addressIn(driver, slot) };
    goesOn(record.address !== 0n, `${driver.name} got no memory`);
    this.#kept.push(record);
    return record;
  }

  /** An empty record: nobody writes into its block. */
  open(driver: RecordDriver, bytes: number): KeptRecord {
    const slot = this.freeSlot(driver);
    this.send(driver, 'Open', slot, { number: bytes });
    const record = { driver, slot, bytes, address: this.addressIn(driver, slot) };
    this.#kept.push(record);
    return record;
  }

  release(record: KeptRecord): void {
    this.#forget(record);
    this.does(record, 'Release');
  }

  /** Frees the record and keeps its address. */
  close(record: KeptRecord): void {
    this.#forget(record);
    this.#pinned.add(record);
    this.does(record, 'Close');
  }

  /** Frees the record behind the back of those that know it. */
  drop(record: KeptRecord): void {
    this.#forget(record);
    this.does(record, 'Drop');
  }

  does(record: KeptRecord, operation: string, input: OperationInput = {}): void {
    this.send(record.driver, operation, record.slot, input);
  }

  send(driver: RecordDriver, operation: string, slot: number, input: OperationInput = {}): void {
    this.#machine.deviceControl({ driver: driver.name, ...driver.request(operation, { slot, ...input }) });
  }

  addressIn(driver: RecordDriver, slot: number): Va {
    return this.#machine.readPointerAt(this.#machine.address(`${driver.name}!Records`) + BigInt(8 * slot));
  }

  /** A place of the driver that no record has, and none of those had that are part of the story. */
  freeSlot(driver: RecordDriver): number {
    const used = new Set(
      [...this.#kept, ...this.#pinned].filter((each) => each.driver === driver).map(({ slot }) => slot),
    );
    for (let slot = 0; slot < RecordDriver.slots; slot++) if (!used.has(slot)) return slot;
    return stuck(`${driver.name} keeps no more records`);
  }

  pin(...records: readonly KeptRecord[]): void {
    for (const record of records) this.#pinned.add(record);
  }

  /** So many things that drivers do of their own accord. */
  work(count: number): void {
    for (let done = 0; done < count; done++) this.#doOne(oneOf(this.#numbers, this.#drivers));
  }

  /** All records are given back, those of the story too. */
  releaseAll(): void {
    while (this.#kept.length > 0) this.release(oneOf(this.#numbers, this.#kept));
  }

  #doOne(driver: RecordDriver): void {
    const own = this.#kept.filter((each) => each.driver === driver && !this.#pinned.has(each));
    const what = this.#numbers(8);
    if (own.length === 0 || (what < 4 && own.length < mostKept)) {
      this.create(driver);
      return;
    }
    const record = oneOf(this.#numbers, own);
    if (what === 4 && driver.hasPointers) this.does(record, 'Follow');
    else if (what === 5) this.#rewrite(record);
    else this.release(record);
  }

  #rewrite(record: KeptRecord): void {
    const { driver, bytes } = record;
    this.does(record, 'Update', {
      number: driver.dataOffset,
      data: driver.contents(this.#numbers, bytes),
    });
  }

  #forget(record: KeptRecord): void {
    const index = this.#kept.indexOf(record);
    assert(index >= 0, 'the record is not kept any more');
    this.#kept.splice(index, 1);
  }
}
