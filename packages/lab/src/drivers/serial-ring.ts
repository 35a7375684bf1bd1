import { asciiBytes } from '../bytes/integers.ts';
import { type Numbers, oneOf } from './numbers.ts';
import { RecordDriver, type RecordOperation } from './record-driver.ts';

/** Bytes of what the driver notes down of a byte that it received. */
const stampBytes = 0x20;
const talkers = ['GPGGA', 'GPRMC', 'GPGSV', 'GPVTG'];

/** A driver of serial ports: its records are rings of bytes, filled line by line. */
export class SerialRing extends RecordDriver {
  override readonly name = 'serring';
  protected override readonly tags = ['SrRb', 'Sers', 'ComB', 'SRng'];
  override readonly sizes = [0x50, 0x90, 0x100, 0x200, 0x400, 0x7f0];
  /** It calls ExFreePool, which asks for no tag. */
  protected override readonly freeTag = 0;

  /** Sentences of a receiver of satellites, up to the very end of the ring. */
  contents(numbers: Numbers, bytes: number): Uint8Array {
    let text = '';
    while (text.length < bytes) text += sentence(numbers);
    return asciiBytes(text.slice(0, bytes));
  }

  protected override operations(): Readonly<Record<string, RecordOperation>> {
    return {
      ...super.operations(),
      Terminate: this.#terminate,
      Fill: this.#fill,
      PutBack: this.#putBack,
      Append: this.#append,
    };
  }

  /** Closes a line with a NUL. */
  readonly #terminate: RecordOperation = (routine, request) => {
    routine.store(this.toField(routine, request), 0, 0, 1);
  };

  /** Takes bytes from the first on, up to and with the number that the caller says. */
  readonly #fill: RecordOperation = (routine, request) => {
    const last = this.number(routine, request);
    routine.add(last, 1);
    const ring = this.toRecord(routine, request);
    const value = routine.load(request.buffer, 8, 1);
    routine.fill(ring, value, last);
  };

  /** Writes the element before the one that was read last, also when that was the first. */
  readonly #putBack: RecordOperation = (routine, request) => {
    const field = this.toField(routine, request);
    routine.add(field, -stampBytes);
    const value = routine.load(request.buffer);
    for (let offset = 0; offset < stampBytes; offset += 8) routine.store(field, offset, value);
  };

  /** Copies data behind what is there, as the caller counted it. */
  readonly #append: RecordOperation = (routine, request) => {
    routine.copy(this.toField(routine, request), request.buffer, request.length);
  };
}

/** A line as such a receiver sends it. */
export const sentence = (numbers: Numbers): string =>
  `$${oneOf(numbers, talkers)},${100_000 + numbers(800_000)}.00,${numbers(90)}${numbers(10_000)},N,*${numbers(90) + 10}\r\n`;
