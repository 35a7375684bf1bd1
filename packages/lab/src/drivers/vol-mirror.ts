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
  override readonly poolType: number = PoolType.NonPagedPoolNx;
  override readonly sizes = [0x78, 0xc8, 0x1a8, 0x2d8, 0x3f8];
  override readonly globals = { Records: 8 * RecordDriver.slots, Queue: 16, Statistics: 0x40, Cached: 8 };
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
    return {
      ...super.operations(),
      SaveState: this.#saveState,
      Reset: this.#reset,
      Cache: this.#cache,
      Reuse: this.#reuse,
    };
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

  /** Puts a context onto the driver's own list of spare ones, which are linked by their first word. */
  readonly #cache: RecordOperation = (routine, request) => {
    const context = this.toRecord(routine, request);
    const first = routine.load(this.global('Cached'));
    routine.store(context, 0, first);
    routine.store(this.global('Cached'), 0, context);
  };

  /** Takes one from there. */
  readonly #reuse: RecordOperation = (routine, request) => {
    const context = routine.load(this.global('Cached'));
    routine.store(request.slot, 0, context);
    routine.reload(context, context);
    routine.store(this.global('Cached'), 0, context);
  };

  override routines(): Readonly<Record<string, (routine: Routine) => void>> {
    return {
      ...super.routines(),
      // Takes what it is started with for a context.
      VolmirrWorker: (routine) => {
        const context = routine.argument(1);
        const extent = routine.load(context, 0x18);
        routine.store(extent, 8, 0);
      },
      // Goes down a chain of mirrors that has become a ring.
      VolmirrDescend: (routine) => {
        const mirror = routine.argument(1);
        const path = routine.local(0x2c0);
        routine.store(path, 0, mirror);
        routine.call('VolmirrDescend', mirror);
      },
    };
  }
}
