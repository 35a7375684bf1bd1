import { asciiBytes, writeU16, writeU32 } from '../bytes/integers.ts';
import type { Routine, Variable } from '../run/index.ts';
import { initializeList, insertTail, removeEntry } from './list-entry.ts';
import { type Numbers, oneOf, randomBytes } from './numbers.ts';
import { RecordDriver, type RecordOperation } from './record-driver.ts';

const hosts = ['intranet', 'updates', 'mail', 'printer-2f', 'cdn-edge', 'nas', 'build-agent-17', 'vpn'];
const zones = ['example.com', 'corp.example', 'example.net', 'lab.example.org'];
const agents = ['curl/8.4.0', 'Mozilla/5.0 (Windows NT 6.2)', 'WinHTTP/1.0', 'pkgfetch 2.1'];
const listEntryBytes = 16;
/** Bytes of an option that was parsed: its kind, its length, its value and what comes of it. */
const optionBytes = 16;

/** A filter of the network that remembers its flows: records are in a list, and hold the packet that began them. */
export class NetWatch extends RecordDriver {
  override readonly name = 'netwatch';
  protected override readonly tags = ['NwFl', 'Nwtc', 'WfpN', 'FlwT'];
  override readonly sizes = [0x68, 0xa8, 0x128, 0x268, 0x4e8];
  override readonly globals = { Records: 8 * RecordDriver.slots, Flows: 16 };
  override readonly dataOffset = listEntryBytes;
  /** Bytes of an element of the options that begin where the data does. */
  static readonly optionBytes = optionBytes;

  override entry(routine: Routine): void {
    initializeList(routine, this.global('Flows'));
  }

  protected override link(routine: Routine, record: Variable): void {
    insertTail(routine, this.global('Flows'), record);
  }

  protected override unlink(routine: Routine, record: Variable): void {
    removeEntry(routine, record);
  }

  /** Addresses and ports, and a request as text. */
  contents(numbers: Numbers, bytes: number): Uint8Array {
    const all = new Uint8Array(bytes - listEntryBytes);
    all.set(Uint8Array.of(0x45, 0, 0, 0, ...randomBytes(numbers, 8), 10, numbers(256), numbers(256), 1));
    writeU16(all, 0x10, 0x400 + numbers(0xf000));
    writeU16(all, 0x12, oneOf(numbers, [80, 443, 8080, 53]));
    const text = asciiBytes(
      `GET / HTTP/1.1\r\nHost: ${hostName(numbers)}\r\nUser-Agent: ${oneOf(numbers, agents)}`,
    );
    all.set(text.subarray(0, Math.max(0, all.length - 0x18)), 0x18);
    return all;
  }

  protected override operations(): Readonly<Record<string, RecordOperation>> {
    return {
      ...super.operations(),
      ParseHost: this.#parseHost,
      AddOption: this.#addOption,
      Expire: this.#expire,
      Drop: this.#drop,
    };
  }

  /** Copies a name to its place in the record until its NUL. */
  readonly #parseHost: RecordOperation = (routine, request) => {
    const field = this.toField(routine, request);
    routine.copyText(field, request.buffer);
  };

  /** Writes one element of an array; the caller says where it is. */
  readonly #addOption: RecordOperation = (routine, request) => {
    const field = this.toField(routine, request);
    const value = routine.load(request.buffer);
    routine.store(field, 0, value);
    routine.reload(value, request.buffer, 8);
    routine.store(field, 8, value);
  };

  /** The time of a flow is over: nobody finds it any more. */
  readonly #expire: RecordOperation = (routine, request) => {
    removeEntry(routine, this.toRecord(routine, request));
  };

  /** Frees a flow that its list still leads to. */
  readonly #drop: RecordOperation = (routine, request) => {
    const record = routine.load(request.slot);
    routine.store(request.slot, 0, 0);
    routine.call('nt!ExFreePoolWithTag', record, this.tagNumber);
  };
}

/** A name of a host, with as many labels as it takes to be longer than so many bytes. */
export function hostName(numbers: Numbers, longerThan = 0): string {
  let name = `${oneOf(numbers, hosts)}.${oneOf(numbers, zones)}`;
  while (name.length <= longerThan) name = `${oneOf(numbers, hosts)}.${name}`;
  return name;
}

/** An option as the filter keeps it. */
export function parsedOption(numbers: Numbers): Uint8Array {
  const bytes = new Uint8Array(optionBytes);
  writeU16(bytes, 0, oneOf(numbers, [1, 3, 5, 8, 19]));
  writeU16(bytes, 2, 4 + numbers(36));
  writeU32(bytes, 4, 1 + numbers(0x7fff_fffe));
  writeU32(bytes, 8, 1 + numbers(0x7fff_fffe));
  writeU32(bytes, 12, numbers(4));
  return bytes;
}
