import { DebuggerError, Fault, readU32, readU64, signExtend32, type Va, wrap64 } from '../base/index.ts';
import type { StructureType } from '../types/index.ts';
import type { ObjectKernel } from '../windows/index.ts';

/** Records that the verifier keeps in a ring: the newest overwrites the oldest. */
export interface TraceRing {
  /** First record. */
  readonly base: Va;
  /** Records that the ring has room for. */
  readonly length: number;
  /** Bytes of a record. */
  readonly recordSize: number;
  /** What nt counts up for each record. */
  readonly index: number | undefined;
  /** How the place is known, as half a sentence. */
  readonly from: string;
}

/** Variables of nt that lead to a ring. */
export interface RingNames {
  readonly base: string;
  readonly length: string;
  readonly index: string;
}

/** More records than any build keeps: 0x10000 of the pool log is the most that is known. */
const maxLength = 0x2_0000;

/**
 * The ring that nt's variables name; undefined when they have no symbols. Throws MEMORY_UNREADABLE where they cannot be
 * read, or say what cannot be. nt makes a ring when it is first needed: a null pointer is none.
 */
export function ringBySymbols(
  kernel: ObjectKernel,
  names: RingNames,
  type: StructureType,
): TraceRing | 'empty' | undefined {
  const [at, lengthAt, indexAt] = [names.base, names.length, names.index].map((name) =>
    kernel.symbols.findAddress(`nt!${name}`),
  );
  if (at === undefined || lengthAt === undefined) return undefined;
  const base = readPointer(kernel, at, names.base);
  if (base === 0n) return 'empty';
  const length = readNumber(kernel, lengthAt, names.length);
  if (length === 0 || length > maxLength)
    throw new DebuggerError(
      'MEMORY_UNREADABLE',
      `nt!${names.length} is ${length}, which no build has: it is damaged`,
    );
  const index = indexAt === undefined ? undefined : kernel.target.readU32(indexAt);
  return { base, length, recordSize: type.size, index, from: `nt!${names.base}` };
}

function readPointer({ target }: ObjectKernel, at: Va, name: string): Va {
  const value = target.readPointer(at);
  if (value === undefined) throw unreadable(name, target.whyUnreadable(at));
  return value;
}

function readNumber({ target }: ObjectKernel, at: Va, name: string): number {
  const value = target.readU32(at);
  if (value === undefined) throw unreadable(name, target.whyUnreadable(at));
  return value;
}

const unreadable = (name: string, why: string | undefined): DebuggerError =>
  new DebuggerError(
    'MEMORY_UNREADABLE',
    `nt!${name} cannot be read: ${why ?? 'it reaches into missing memory'}`,
  );

/** A record's bytes and its number in the ring; undefined bytes: not in the dump. */
export interface RingRecord {
  readonly slot: number;
  readonly address: Va;
  readonly bytes: Uint8Array | undefined;
}

/** Bytes that are read at once. */
const chunkBytes = 0x8000;

/** Records from a slot backwards, around the end; arrays of a chunk are used until the next one. */
export function* walkBack(
  { target }: Pick<ObjectKernel, 'target'>,
  ring: TraceRing,
  newest: number,
): Generator<RingRecord[], void> {
  const perChunk = Math.max(1, Math.floor(chunkBytes / ring.recordSize));
  for (let done = 0; done < ring.length; ) {
    const last = (newest - done + ring.length) % ring.length;
    const count = Math.min(perChunk, last + 1, ring.length - done);
    yield readRecords(target, ring, last - count + 1, count).reverse();
    done += count;
  }
}

/** Records one after another; where memory has a hole, those around it are read one by one, and those in it not at all. */
function readRecords(
  target: ObjectKernel['target'],
  ring: TraceRing,
  first: number,
  count: number,
): RingRecord[] {
  const { base, recordSize } = ring;
  const at = (slot: number): Va => base + BigInt(slot) * BigInt(recordSize);
  const all = target.readBytes(at(first), count * recordSize);
  let holeEnd = 0n;
  return Array.from({ length: count }, (_, index) => {
    const address = at(first + index);
    const slot = first + index;
    if (all !== undefined)
      return { slot, address, bytes: all.subarray(index * recordSize, (index + 1) * recordSize) };
    if (address < holeEnd) return { slot, address, bytes: undefined };
    const read = target.memory.tryRead(address, recordSize);
    if (!(read instanceof Fault)) return { slot, address, bytes: read };
    holeEnd = target.memory.nextCandidate(wrap64(read.at)) ?? endOfMemory;
    return { slot, address, bytes: undefined };
  });
}

const endOfMemory = 1n << 64n;

/** How the newest record is known. */
export interface RingOrder {
  readonly newest: number;
  /** `empty`: what is behind it was never written; `index`: nt's counter alone; `none`: nothing tells. */
  readonly by: 'empty' | 'index' | 'none';
}

/**
 * The newest record. nt counts an index up and takes it modulo the length; that it names the record written last, and not
 * the next one, is not documented. While the ring has not come around, the first empty record decides it.
 */
export function findNewest(
  { target }: Pick<ObjectKernel, 'target'>,
  ring: TraceRing,
  isEmpty: (record: Uint8Array) => boolean,
): RingOrder {
  const { length, index, recordSize } = ring;
  if (index === undefined) return newestByHole(target, ring, isEmpty);
  const slot = index % length;
  const read = (at: number) =>
    target.readBytes(ring.base + BigInt((at + length) % length) * BigInt(recordSize), recordSize);
  const [before, here, behind] = [read(slot - 1), read(slot), read(slot + 1)];
  const filled = (record: Uint8Array | undefined) => record !== undefined && !isEmpty(record);
  const empty = (record: Uint8Array | undefined) => record !== undefined && isEmpty(record);
  if (filled(here) && empty(behind)) return { newest: slot, by: 'empty' };
  if (empty(here) && filled(before)) return { newest: (slot - 1 + length) % length, by: 'empty' };
  // A counter that leads to a record that was never written does not count the records.
  if (empty(here)) return newestByHole(target, ring, isEmpty);
  return { newest: slot, by: 'index' };
}

/** Without an index: the last record before the first empty one. A full ring does not tell. */
function newestByHole(
  target: ObjectKernel['target'],
  ring: TraceRing,
  isEmpty: (record: Uint8Array) => boolean,
): RingOrder {
  const last = ring.length - 1;
  for (const records of walkBack({ target }, ring, last))
    for (const { slot, bytes } of records)
      if (bytes !== undefined && !isEmpty(bytes))
        return slot === last ? { newest: last, by: 'none' } : { newest: slot, by: 'empty' };
  return { newest: last, by: 'none' };
}

/** A pointer out of a record; sign-extended on 32-bit targets. */
export const pointerAt = (bytes: Uint8Array, at: number, pointerSize: 4 | 8): Va =>
  pointerSize === 8 ? readU64(bytes, at) : signExtend32(readU32(bytes, at));

/** Return addresses of a record, up to the first null. */
export function stackOf(bytes: Uint8Array, type: StructureType, pointerSize: 4 | 8): Va[] {
  const member = type.member('StackTrace');
  const stack: Va[] = [];
  for (let index = 0; index < (member?.count ?? 0); index++) {
    const va = pointerAt(bytes, member!.offset + index * pointerSize, pointerSize);
    if (va === 0n) break;
    stack.push(va);
  }
  return stack;
}
