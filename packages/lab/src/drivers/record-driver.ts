import { fourCc, writeU32 } from '../bytes/integers.ts';
import { PoolType } from '../pool/index.ts';
import { type Control, Driver, type Routine, type Variable } from '../run/index.ts';
import { controlCode } from './control-code.ts';
import type { Numbers } from './numbers.ts';

/** What an operation works on: the place where the driver keeps the record's address, and the caller's buffer. */
export interface RecordRequest {
  readonly slot: Variable;
  /** Place of the slot, a number, and data. */
  readonly buffer: Variable;
  readonly length: Variable;
}

export type RecordOperation = (routine: Routine, request: RecordRequest) => void;

const slots = 256;
/** The buffer: u32 offset of the slot, u32 number, data. */
const input = { number: 4, data: 8 } as const;
const firstControl = 0x20;

/**
 * A driver that keeps records in pool: it makes them, uses them, and gives them back. What goes wrong in it are its own
 * operations, which trust a length, an index or a pointer.
 */
export abstract class RecordDriver extends Driver {
  /** Tags that builds of this driver use. */
  protected abstract readonly tags: readonly string[];
  readonly poolType: number = PoolType.NonPagedPool;
  /** Bytes that its records have. */
  abstract readonly sizes: readonly number[];
  override readonly globals: Readonly<Record<string, number>> = { Records: 8 * slots };
  readonly #variant: number;

  /** `variant` chooses among builds of the driver. */
  constructor(variant = 0) {
    super();
    this.#variant = variant;
  }

  static readonly slots = slots;

  /** The tag that a record is freed with, when it is not its own; 0: none is checked. */
  protected readonly freeTag: number | undefined = undefined;

  get tag(): string {
    return this.tags[this.#variant % this.tags.length]!;
  }

  protected get tagNumber(): number {
    return fourCc(this.tag);
  }

  /** What a record of this driver looks like. */
  abstract contents(numbers: Numbers, bytes: number): Uint8Array;

  /** Code and buffer of a device control that lets an operation run. */
  request(
    operation: string,
    { slot, number = 0, data = new Uint8Array(0) }: { slot: number; number?: number; data?: Uint8Array },
  ): { code: number; input: Uint8Array } {
    const bytes = new Uint8Array(input.data + data.length);
    writeU32(bytes, 0, 8 * slot);
    writeU32(bytes, input.number, number);
    bytes.set(data, input.data);
    return { code: this.#codeOf(Object.keys(this.operations()).indexOf(operation)), input: bytes };
  }

  protected operations(): Readonly<Record<string, RecordOperation>> {
    return {
      Create: this.#create,
      Release: this.#release,
      Close: this.#close,
      Update: this.#update,
      Follow: this.#follow,
      Open: this.#open,
      Flush: this.#flush,
    };
  }

  override routines(): Readonly<Record<string, (routine: Routine) => void>> {
    return Object.fromEntries(
      Object.entries(this.operations()).map(([name, operation]) => [
        this.#symbol(name),
        (routine: Routine) => {
          const [slot, buffer, length] = [
            routine.argument(1),
            routine.argument(2),
            routine.argument(3, 4),
          ] as const;
          operation(routine, { slot, buffer, length });
        },
      ]),
    );
  }

  override controls(): readonly Control[] {
    return Object.keys(this.operations()).map((name, index) => ({
      code: this.#codeOf(index),
      body: (routine, { buffer, length }) => {
        const offset = routine.load(buffer, 0, 4);
        const slot = routine.variable(this.global('Records'));
        routine.add(slot, offset);
        routine.call(this.#symbol(name), slot, buffer, length);
      },
    }));
  }

  /** A record is about to be known to others, or to be forgotten. */
  protected link(_routine: Routine, _record: Variable): void {}
  protected unlink(_routine: Routine, _record: Variable): void {}
  /** Where data of a record begins, behind what the driver itself keeps in it. */
  readonly dataOffset: number = 0;
  /** Its records begin with a pointer. */
  get hasPointers(): boolean {
    return this.dataOffset > 0;
  }

  protected number(routine: Routine, { buffer }: RecordRequest): Variable {
    return routine.load(buffer, input.number, 4);
  }

  /** The buffer becomes the data and the length that of the data. */
  protected toData(routine: Routine, { buffer, length }: RecordRequest): void {
    routine.add(buffer, input.data);
    routine.add(length, -input.data);
  }

  /** The slot becomes the address of its record. */
  protected toRecord(routine: Routine, { slot }: RecordRequest): Variable {
    routine.reload(slot, slot);
    return slot;
  }

  /** The record of a slot, moved on by the number of the buffer; the buffer becomes data. */
  protected toField(routine: Routine, request: RecordRequest): Variable {
    const field = this.toRecord(routine, request);
    routine.add(field, this.number(routine, request));
    this.toData(routine, request);
    return field;
  }

  readonly #create: RecordOperation = (routine, request) => {
    const { slot, buffer, length } = request;
    const bytes = this.number(routine, request);
    const record = routine.result('nt!ExAllocatePoolWithTag', this.poolType, bytes, this.tagNumber);
    routine.store(slot, 0, record);
    routine.when(record, 'ne', 0, () => {
      routine.fill(record, 0, bytes);
      this.link(routine, record);
      this.toData(routine, request);
      routine.set(slot, record);
      routine.add(slot, this.dataOffset);
      routine.copy(slot, buffer, length);
    });
  };

  readonly #release: RecordOperation = (routine, request) => {
    const record = routine.load(request.slot);
    routine.store(request.slot, 0, 0);
    this.#giveBack(routine, record);
  };

  /** Makes a record and leaves it empty; what the slot held before is forgotten. */
  readonly #open: RecordOperation = (routine, request) => {
    const bytes = this.number(routine, request);
    const record = routine.result('nt!ExAllocatePoolWithTag', this.poolType, bytes, this.tagNumber);
    routine.store(request.slot, 0, record);
  };

  /** Takes a buffer for as long as it takes to write it out. */
  readonly #flush: RecordOperation = (routine, request) => {
    const bytes = this.number(routine, request);
    const buffer = routine.result('nt!ExAllocatePoolWithTag', this.poolType, bytes, this.tagNumber);
    routine.when(buffer, 'ne', 0, () => this.free(routine, buffer));
  };

  /** The record goes, and its address stays: whoever finds it there takes it for a record. */
  readonly #close: RecordOperation = (routine, request) => {
    this.#giveBack(routine, this.toRecord(routine, request));
  };

  /** Copies what the caller sends, however much, to an offset in the record. */
  readonly #update: RecordOperation = (routine, request) => {
    const field = this.toField(routine, request);
    routine.copy(field, request.buffer, request.length);
  };

  /** Reads what a pointer in the record leads to. */
  readonly #follow: RecordOperation = (routine, request) => {
    const pointer = routine.load(this.toField(routine, request));
    routine.load(pointer, 8);
  };

  #giveBack(routine: Routine, record: Variable): void {
    this.unlink(routine, record);
    this.free(routine, record);
  }

  protected free(routine: Routine, record: Variable): void {
    routine.call('nt!ExFreePoolWithTag', record, this.freeTag ?? this.tagNumber);
  }

  #codeOf(index: number): number {
    return controlCode(firstControl + index);
  }

  #symbol(operation: string): string {
    return `${this.dispatchName.replace(/Dispatch$/, '')}${operation}`;
  }
}
