import type { Routine, Variable } from '../run/index.ts';
import { type Numbers, randomBytes } from './numbers.ts';
import { RecordDriver, type RecordOperation } from './record-driver.ts';

const ownBytes = 0x10;

/** A driver of a card that writes samples into buffers of the driver, by itself, whenever it has some. */
export class CaptureCard extends RecordDriver {
  override readonly name = 'capcard';
  protected override readonly tags = ['CapB', 'DmaB', 'VCap', 'CcBf'];
  override readonly sizes = [0x110, 0x210, 0x310, 0x610];
  /** `Register` is where the card looks for the address of its buffer. */
  override readonly globals = { Records: 8 * RecordDriver.slots, Register: 8 };
  override readonly dataOffset = ownBytes;

  protected override link(routine: Routine, record: Variable): void {
    routine.store(record, 0, record);
    routine.store(record, 8, this.global('Register'));
  }

  /** Noise, as a card without a signal sees it. */
  contents(numbers: Numbers, bytes: number): Uint8Array {
    return randomBytes(numbers, bytes - ownBytes);
  }

  protected override operations(): Readonly<Record<string, RecordOperation>> {
    return { ...super.operations(), Arm: this.#arm, Poke: this.#poke };
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
}
