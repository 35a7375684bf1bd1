import { Fault, readU32, readU64, signExtend32, type Va, wrap64 } from '../base/index.ts';
import type { Member, StructureType } from '../types/index.ts';
import type { ObjectKernel } from '../windows/index.ts';
import { tagText } from './header.ts';

/** An allocation of whole pages. */
export interface BigAllocation {
  readonly address: Va;
  /** Bytes; of kernels that count pages, of all its pages. */
  readonly size: bigint;
  readonly tag: string;
  readonly tagValue: number;
  /** Address of its entry in the table. */
  readonly entry: Va;
}

/** What the table of large allocations says of an address: one, none, or that it cannot be asked and why. */
export type BigSearch =
  | { readonly found: BigAllocation }
  | { readonly found: undefined; readonly unknown: string | undefined };

/** Most entries that are looked at: the table of a machine with a terabyte of memory. */
const mostEntries = 1 << 22;
const chunkBytes = 0x1_0000;

/**
 * Looks for the large allocation that holds an address, in all of nt!PoolBigPageTable: where the hash of an address leads is
 * not needed. Yields the entries done now and then.
 */
export function* findBigAllocation(kernel: ObjectKernel, va: Va): Generator<number, BigSearch> {
  const table = locate(kernel);
  if (typeof table === 'string') return { found: undefined, unknown: table };
  const { reader, start, count } = table;
  const perChunk = Math.max(1, Math.floor(chunkBytes / reader.size));
  let missing = 0;
  for (let done = 0; done < count; done += perChunk) {
    const wanted = Math.min(perChunk, count - done);
    const at = wrap64(start + BigInt(done) * BigInt(reader.size));
    const read = kernel.target.memory.tryRead(at, wanted * reader.size);
    const bytes = read instanceof Fault ? read.got : read;
    const present = Math.floor(bytes.length / reader.size);
    missing += wanted - present;
    const index = reader.find(bytes, present, va);
    if (index >= 0) return { found: reader.at(bytes, index, wrap64(at + BigInt(index * reader.size))) };
    yield done + wanted;
  }
  return {
    found: undefined,
    unknown: missing === 0 ? undefined : `${missing} of its ${count} entries are not in this dump`,
  };
}

interface Table {
  readonly reader: EntryReader;
  readonly start: Va;
  readonly count: number;
}

/** Where the table is, or why it is not known, as half a sentence. */
function locate({ symbols, structures, target }: ObjectKernel): Table | string {
  const [table, length] = ['PoolBigPageTable', 'PoolBigPageTableSize'].map((name) =>
    symbols.findAddress(`nt!${name}`),
  );
  if (table === undefined || length === undefined)
    return 'where nt!PoolBigPageTable is, is not known without symbols';
  const [start, count] = [target.readPointer(table), target.readPointer(length)];
  if (start === undefined || count === undefined) return 'nt!PoolBigPageTable is not in this dump';
  const type = structures.find('_POOL_TRACKER_BIG_PAGES');
  if (type === undefined) return 'the layout of its entries is not known';
  const entries = Number(BigInt.asUintN(32, count));
  if (entries > mostEntries) return `nt!PoolBigPageTableSize is ${entries}, which is too many`;
  return { reader: new EntryReader(type), start, count: entries };
}

/** Entries of the table as bytes. */
class EntryReader {
  readonly size: number;
  readonly #wide: boolean;
  readonly #va: number;
  readonly #key: number;
  readonly #bytes: Member | undefined;
  readonly #pages: Member | undefined;

  constructor(type: StructureType) {
    this.size = type.size;
    this.#wide = type.pointerSize === 8;
    this.#va = type.offset('Va') ?? 0;
    this.#key = type.offset('Key') ?? type.pointerSize;
    this.#bytes = type.member('NumberOfBytes');
    this.#pages = type.member('NumberOfPages');
  }

  /** The entry whose allocation holds `va`; an address with bit 0 set is of a free entry. */
  find(bytes: Uint8Array, count: number, va: Va): number {
    const high = Number(va >> 32n);
    for (let index = 0; index < count; index++) {
      const at = index * this.size + this.#va;
      const low = readU32(bytes, at);
      if (low === 0 && (!this.#wide || readU32(bytes, at + 4) === 0)) continue;
      if ((low & 1) !== 0 || (this.#wide && Math.abs(readU32(bytes, at + 4) - high) > 1)) continue;
      const start = this.#address(bytes, at);
      if (va >= start && va < start + this.#length(bytes, index)) return index;
    }
    return -1;
  }

  at(bytes: Uint8Array, index: number, entry: Va): BigAllocation {
    const base = index * this.size;
    const tagValue = readU32(bytes, base + this.#key);
    const address = this.#address(bytes, base + this.#va);
    return { address, size: this.#length(bytes, index), tag: tagText(tagValue), tagValue, entry };
  }

  #address(bytes: Uint8Array, at: number): Va {
    return this.#wide ? readU64(bytes, at) : signExtend32(readU32(bytes, at));
  }

  #length(bytes: Uint8Array, index: number): bigint {
    const [member, unit] = this.#bytes === undefined ? [this.#pages, 0x1000n] : [this.#bytes, 1n];
    if (member === undefined) return 0n;
    const at = index * this.size + member.offset;
    return (member.size === 8 ? readU64(bytes, at) : BigInt(readU32(bytes, at))) * unit;
  }
}
