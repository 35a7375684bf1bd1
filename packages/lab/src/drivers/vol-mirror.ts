import { writeU32 } from '../bytes/integers.ts';
import { PoolType } from '../pool/index.ts';
import type { Routine, Variable } from '../run/index.ts';
import type { Numbers } from './numbers.ts';
import { RecordDriver, type RecordOperation } from './record-driver.ts';

const ownBytes = 0x20;
/** Bytes of the state that a context is made from, all of it pointers and sizes. */
const stateBytes = 0x50;

/** A filter of storage: for each request on its way it keeps a context, which points to the driver's own things. */
export class VolMirror extends RecordDriver {
  override readonly name = 'volmirr';
  protected override readonly tags = ['VmIc', 'VMir', 'MirC', 'Vlmr'];
  protected override readonly poolType: number = PoolType.NonPagedPoolNx;
  override readonly sizes = [0x78, 0xc8, 0x1a8, 0x2d8, 0x3f8];
  override readonly globals = { Records: 8 * RecordDriver.slots, Queue: 16, Statistics: 0x40 };
  override readonly dataOffset = ownBytes;
  static readonly stateBytes = stateBytes;

  protected override link(routine: Routine, record: Variable): void {
    routine.store(record, 0, record);
    routine.store(record, 8, this.global('Queue'));
    routine.store(record, 0x10, this.global('Statistics'));
    routine.store(record, 0x18, { symbol: this.dispatchName });
  }

  /** Offsets and lengths of a transfer. */
  contents(numbers: Numbers, bytes: number): Uint8Array {
    const all = new Uint8Array(bytes - ownBytes);
    for (let at = 0; at + 16 <= all.length; at += 16) {
      writeU32(all, at, 0x200 * numbers(0x40_0000));
      writeU32(all, at + 8, 0x1000 * (1 + numbers(16)));
    }
    return all;
  }

  protected override operations(): Readonly<Record<string, RecordOperation>> {
    return { ...super.operations(), SaveState: this.#saveState, Reset: this.#reset };
  }

  /** Copies the state of the mirror into a context, at an offset that an older layout had. */
  readonly #saveState: RecordOperation = (routine, request) => {
    const state = routine.local(stateBytes);
    const at = (offset: number) => ({ local: state.local + offset });
    for (let offset = 0; offset < stateBytes; offset += 0x10) {
      routine.store(at(offset), 0, request.slot);
      routine.store(at(offset), 8, offset % 0x20 === 0 ? this.global('Queue') : this.global('Statistics'));
    }
    routine.copy(this.toField(routine, request), state, stateBytes);
  };

  /** RtlZeroMemory of a context: the caller says how large it is. */
  readonly #reset: RecordOperation = (routine, request) => {
    const bytes = this.number(routine, request);
    const record = this.toRecord(routine, request);
    routine.fill(record, 0, bytes);
    routine.returns(0);
  };
}
