import { pageSize, readU32, readU64AsNumber, type Va } from '../base/index.ts';
import type { StructureType } from '../types/index.ts';
import type { ObjectKernel } from '../windows/index.ts';
import { pointerAt, stackOf, type TraceRing } from './trace-ring.ts';

/** Records that have to look like traces before a pointer counts as the ring's. */
const convincing = 2;
/** Records that are looked at. */
const sample = 8;
/** The longest ring that is known. */
const maxLength = 0x10000;

/**
 * Looks for the pool log without symbols: a page-aligned pointer among nt's variables to records each of which has a
 * block, a size, a thread and return addresses into loaded images. The length is taken from the records, and the index is
 * not known then.
 */
export function* findPoolRing(
  kernel: VerifierKernel,
  type: StructureType,
): Generator<undefined, TraceRing | undefined> {
  const nt = kernel.kernel;
  if (nt === undefined || kernel.target.memory.kind === 'blocks') return undefined;
  const { isRing, isTrace } = recogniser(kernel, type);
  const end = nt.base + BigInt(nt.size);
  for (let at = nt.base; at < end; at += BigInt(pageSize)) {
    const page = kernel.target.readBytes(at, pageSize);
    const base = page === undefined ? undefined : findInPage(kernel, page, isRing);
    if (base !== undefined) {
      const length = yield* extentOf(kernel, base, type, isTrace);
      return { base, length, recordSize: type.size, index: undefined, from };
    }
    if (Number((at >> 12n) & 0x3fn) === 0) yield undefined;
  }
  return undefined;
}

const from = 'a variable of nt that points to records of its form; there are no symbols';

/** What the search needs of the system beyond what readers of objects do. */
export interface VerifierKernel extends ObjectKernel {
  readonly kernel: { readonly base: Va; readonly size: number } | undefined;
  readonly modules: readonly { readonly base: Va; readonly size: number }[];
}

/** Page-aligned addresses of the kernel's half, tested by their bytes: this runs over all of nt. */
function findInPage(
  { target }: ObjectKernel,
  page: Uint8Array,
  isRing: (base: Va) => boolean,
): Va | undefined {
  const { pointerSize } = target;
  for (let offset = 0; offset < page.length; offset += pointerSize) {
    const isAligned = page[offset] === 0 && (page[offset + 1]! & 0xf) === 0;
    if (!isAligned || page[offset + pointerSize - 1]! < 0x80) continue;
    const base = pointerAt(page, offset, pointerSize);
    if (isRing(base)) return base;
  }
  return undefined;
}

const isEmpty = (record: Uint8Array): boolean => record.every((byte) => byte === 0);

function recogniser(
  { target, modules }: VerifierKernel,
  type: StructureType,
): { isRing: (base: Va) => boolean; isTrace: (record: Uint8Array) => boolean } {
  const { pointerSize } = target;
  const [addressAt, threadAt, sizeAt] = ['Address', 'Thread', 'Size'].map((name) => type.offset(name) ?? 0);
  const isCode = (va: Va) => modules.some(({ base, size }) => va >= base && va < base + BigInt(size));
  const isKernel = (va: Va) => va >> 63n === 1n && va % BigInt(pointerSize) === 0n;
  const isTrace = (record: Uint8Array): boolean => {
    const size = pointerSize === 8 ? readU64AsNumber(record, sizeAt!) : readU32(record, sizeAt!);
    const stack = stackOf(record, type, pointerSize);
    const pointers = [addressAt, threadAt].map((at) => pointerAt(record, at!, pointerSize));
    return pointers.every(isKernel) && size < 2 ** 30 && stack.length > 1 && stack.slice(0, 2).every(isCode);
  };
  const tested = new Map<Va, boolean>();
  const isRing = (base: Va): boolean => {
    const known = tested.get(base);
    if (known !== undefined) return known;
    const bytes = target.readBytes(base, sample * type.size);
    const records = bytes === undefined ? [] : chunksOf(bytes, type.size).filter((each) => !isEmpty(each));
    const answer = records.length >= convincing && records.every(isTrace);
    tested.set(base, answer);
    return answer;
  };
  return { isRing, isTrace };
}

const chunksOf = (bytes: Uint8Array, size: number): Uint8Array[] =>
  Array.from({ length: Math.floor(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );

/** Bytes that are looked at between two signs of life. */
const stepBytes = 0x8000;

/** Records from the first on that are traces or were never written, as a power of two. */
function* extentOf(
  { target }: ObjectKernel,
  base: Va,
  type: StructureType,
  isTrace: (record: Uint8Array) => boolean,
): Generator<undefined, number> {
  const perStep = Math.floor(stepBytes / type.size);
  let count = 0;
  while (count < maxLength) {
    const bytes = target.readBytes(base + BigInt(count * type.size), perStep * type.size);
    const records = bytes === undefined ? 0 : countFitting(bytes, type.size, isTrace);
    count += records;
    if (records < perStep) break;
    yield undefined;
  }
  // The last step may reach beyond what is mapped: its records one by one.
  for (; count < maxLength; count++) {
    const bytes = target.readBytes(base + BigInt(count * type.size), type.size);
    if (bytes === undefined || countFitting(bytes, type.size, isTrace) === 0) break;
  }
  return 2 ** Math.floor(Math.log2(Math.min(count, maxLength)));
}

function countFitting(bytes: Uint8Array, size: number, isTrace: (record: Uint8Array) => boolean): number {
  const records = chunksOf(bytes, size);
  const wrong = records.findIndex((record) => !isEmpty(record) && !isTrace(record));
  return wrong < 0 ? records.length : wrong;
}
