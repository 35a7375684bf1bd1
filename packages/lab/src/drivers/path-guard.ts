import { utf16Bytes } from '../bytes/integers.ts';
import { xor } from '../image/x64-data.ts';
import { PoolType } from '../pool/index.ts';
import type { Routine } from '../run/index.ts';
import { type Numbers, oneOf } from './numbers.ts';
import { RecordDriver, type RecordOperation } from './record-driver.ts';

const folders = ['Users', 'Public', 'Documents', 'Projects', 'node_modules', 'AppData', 'Temp', 'Überblick'];
const files = ['report-final.docx', 'setup.exe', 'index.js', 'thumbs.db', 'invoice 2012.pdf', 'a.zip'];

/** Bytes of a buffer of the stack. */
const formatBytes = 0x60;
/** DRIVER_OVERRAN_STACK_BUFFER */
const overranStackBuffer = 0xf7;
const securityCookie = 0x6b1d_f62e_94c3n;

/** A scanner of files: the paths that wait for it are UTF-16 in paged pool. */
export class PathGuard extends RecordDriver {
  override readonly name = 'pathgrd';
  protected override readonly tags = ['PgPn', 'Scan', 'AvPt', 'PGfn'];
  override readonly poolType: number = PoolType.PagedPool;
  override readonly globals = { Records: 8 * RecordDriver.slots, __security_cookie: 8 };
  static readonly formatBytes = formatBytes;
  override readonly sizes = [0x80, 0x110, 0x1c0, 0x208, 0x410];

  contents(numbers: Numbers, bytes: number): Uint8Array {
    const all = new Uint8Array(bytes);
    all.set(utf16Bytes(devicePath(numbers), true).subarray(0, bytes - 2));
    return all;
  }

  protected override operations(): Readonly<Record<string, RecordOperation>> {
    return {
      ...super.operations(),
      SetPath: this.#setPath,
      Decode: this.#decode,
      Normalize: this.#normalize,
      Format: this.#format,
    };
  }

  /** Copies a path, with as many characters as it was said to have bytes. */
  readonly #setPath: RecordOperation = (routine, request) => {
    const field = this.toField(routine, request);
    routine.copy(field, request.buffer, request.length);
  };

  /** Unpacks a run: a byte, and how often. */
  readonly #decode: RecordOperation = (routine, request) => {
    const count = this.number(routine, request);
    const value = routine.load(request.buffer, 8, 1);
    routine.fill(this.toRecord(routine, request), value, count);
  };

  /** Brings a path into a buffer of the stack, and gives back the wrong one of two. */
  readonly #normalize: RecordOperation = (routine, request) => {
    const local = routine.local(0x80);
    routine.copy(local, this.toRecord(routine, request), 0x40);
    routine.call('nt!ExFreePoolWithTag', local, 0);
  };

  /** Copies a name into a buffer of the stack. What the compiler put behind the buffer is looked at in the end. */
  readonly #format: RecordOperation = (routine, request) => {
    const buffer = routine.local(formatBytes);
    const cookie = routine.local(8);
    const expected = routine.load(this.global('__security_cookie'));
    routine.store(cookie, 0, expected);
    this.toData(routine, request);
    routine.copy(buffer, request.buffer, request.length);
    const found = routine.load(cookie);
    routine.when(found, 'ne', expected, () => routine.call('__report_gsfailure', found, expected));
  };

  override entry(routine: Routine): void {
    routine.store(this.global('__security_cookie'), 0, securityCookie);
  }

  override routines(): Readonly<Record<string, (routine: Routine) => void>> {
    return {
      ...super.routines(),
      __report_gsfailure: (routine) => {
        const [found, expected] = [routine.argument(1), routine.argument(2)] as const;
        const complement = routine.variable(expected);
        routine.emit(xor(complement.register, -1));
        routine.call('nt!KeBugCheckEx', overranStackBuffer, found, expected, complement, 0);
      },
    };
  }
}

/** A path of a file, with as many folders as it takes to be longer than so many bytes. */
export function devicePath(numbers: Numbers, longerThan = 0): string {
  let path = `\\${oneOf(numbers, files)}`;
  while (path.length * 2 <= longerThan || numbers(4) !== 0) path = `\\${oneOf(numbers, folders)}${path}`;
  return `\\Device\\HarddiskVolume${1 + numbers(4)}${path}`;
}
