import { fourCc, utf16Bytes } from '../bytes/integers.ts';
import { PoolType } from '../pool/index.ts';
import type { Routine, Variable } from '../run/index.ts';
import { type Numbers, oneOf, randomBytes } from './numbers.ts';
import { RecordDriver, type RecordOperation } from './record-driver.ts';

const streams = ['Zone.Identifier', 'SmartScreen', 'Afp_AfpInfo', 'favicon', 'OECustomProperty', 'summary'];
const ownBytes = 0x10;
const identifierBytes = 0x18;

/** A filter of the file system: contexts of streams in paged pool, each with an identifier and a name. */
export class StreamTag extends RecordDriver {
  override readonly name = 'strmtag';
  protected override readonly tags = ['StCx', 'FMsc', 'StmT', 'CtxS'];
  override readonly poolType: number = PoolType.PagedPool;
  override readonly sizes = [0x60, 0xd0, 0x158, 0x288, 0x5a8];
  override readonly dataOffset = ownBytes;

  protected override link(routine: Routine, record: Variable): void {
    routine.store(record, 0, record);
    routine.store(record, 8, this.global('Records'));
  }

  contents(numbers: Numbers, bytes: number): Uint8Array {
    const all = new Uint8Array(bytes - ownBytes);
    all.set(randomBytes(numbers, identifierBytes));
    const name = utf16Bytes(`:${oneOf(numbers, streams)}:$DATA`);
    all.set(name.subarray(0, all.length - identifierBytes), identifierBytes);
    return all;
  }

  protected override operations(): Readonly<Record<string, RecordOperation>> {
    return {
      ...super.operations(),
      ReleaseAsName: this.#releaseAsName,
      ReleaseField: this.#releaseField,
      Attach: this.#attach,
    };
  }

  /** Gives a context back as what it is not. */
  readonly #releaseAsName: RecordOperation = (routine, request) => {
    const record = this.toRecord(routine, request);
    routine.call('nt!ExFreePoolWithTag', record, fourCc('StNm'));
  };

  /** Gives back what begins at an offset in a context. */
  readonly #releaseField: RecordOperation = (routine, request) => {
    routine.call('nt!ExFreePoolWithTag', this.toField(routine, request), 0);
  };

  /** Makes a context, and does not ask whether there was memory for it. */
  readonly #attach: RecordOperation = (routine, request) => {
    const bytes = this.number(routine, request);
    const record = routine.result('nt!ExAllocatePoolWithTag', this.poolType, bytes, this.tagNumber);
    routine.store(request.slot, 0, record);
    routine.store(record, 0, bytes);
  };
}
