import { subtract } from '../image/x64-data.ts';
import { PoolType } from '../pool/index.ts';
import type { Routine, Variable } from '../run/index.ts';
import { type Numbers, randomBytes } from './numbers.ts';
import { RecordDriver, type RecordOperation } from './record-driver.ts';

const ownBytes = 0x10;

/** A driver of a card that writes samples into buffers of the driver, by itself, whenever it has some. */
export class CaptureCard extends RecordDriver {
  override readonly name = 'capcard';
  protected override readonly tags = ['CapB', 'DmaB', 'VCap', 'CcBf'];
  override readonly poolType: number = PoolType.NonPagedPoolNx;
  override readonly sizes = [0x110, 0x210, 0x310, 0x610];
  /** `Register` is where the card looks for the address of its buffer. */
  override readonly globals = { Records: 8 * RecordDriver.slots, Register: 8 };
  override readonly dataOffset = ownBytes;
  /** It calls ExFreePool, which asks for no tag. */
  protected override readonly freeTag = 0;

  protected override link(routine: Routine, record: Variable): void {
    routine.store(record, 0, record);
    routine.store(record, 8, this.global('Register'));
  }

  /** Noise, as a card without a signal sees it. */
  contents(numbers: Numbers, bytes: number): Uint8Array {
    return randomBytes(numbers, bytes - ownBytes);
  }

  protected override operations(): Readonly<Record<string, RecordOperation>> {
    return {
      ...super.operations(),
      Arm: this.#arm,
      Poke: this.#poke,
      PutHeader: this.#putHeader,
      ReleasePointer: this.#releasePointer,
    };
  }

  /** Tells the card its buffer. */
  readonly #arm: RecordOperation = (routine, request) => {
    const record = this.toRecord(routine, request);
    routine.add(record, ownBytes);
    routine.store(this.global('Register'), 0, record);
  };

  /** Writes what the caller sends to where the record's second word points, an offset further. */
  readonly #poke: RecordOperation = (routine, request) => {
    const offset = this.number(routine, request);
    const place = this.toRecord(routine, request);
    routine.reload(place, place, ownBytes);
    routine.add(place, offset);
    this.toData(routine, request);
    routine.copy(place, request.buffer, request.length);
  };

  /** Writes what the caller sends in front of a record, where there is room for it only if it was asked for. */
  readonly #putHeader: RecordOperation = (routine, request) => {
    const bytes = this.number(routine, request);
    const place = this.toRecord(routine, request);
    routine.emit(subtract(place.register, bytes.register));
    this.toData(routine, request);
    routine.copy(place, request.buffer, request.length);
  };

  /** Gives back the buffer that the caller names. */
  readonly #releasePointer: RecordOperation = (routine, request) => {
    const pointer = routine.load(request.buffer, 8);
    routine.call('nt!ExFreePoolWithTag', pointer, 0);
  };

  /** What other parts of the system call. */
  override routines(): Readonly<Record<string, (routine: Routine) => void>> {
    return {
      ...super.routines(),
      // Asks the card at DISPATCH_LEVEL, by an address of it that is not mapped any more.
      CapcardPoll: (routine) => {
        const registers = routine.argument(1);
        routine.raiseIrql(2);
        routine.load(registers, 0x24, 4);
      },
      // At the level of a device: a pointer that was never set.
      CapcardInterrupt: (routine) => {
        const context = routine.argument(1);
        routine.raiseIrql(7);
        routine.load(routine.load(context), 0x10);
      },
      // Lets the kernel copy at DISPATCH_LEVEL what is paged out.
      CapcardDrain: (routine) => {
        const source = routine.argument(1);
        const local = routine.local(0x40);
        routine.raiseIrql(2);
        routine.call('nt!memcpy', local, source, 0x38);
      },
    };
  }
}
