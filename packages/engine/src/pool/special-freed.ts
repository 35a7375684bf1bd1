import { Fault, type Pa, pageOf, pageSize, readU32, readU64, signExtend32, type Va } from '../base/index.ts';
import type { ObjectKernel } from '../windows/index.ts';

/**
 * What special pool wrote on the page of a block before it let go of it: it stays in physical memory until the page is used
 * again. Source: ReactOS' description of Server 2003 (signature and members); of later systems not confirmed.
 */
export interface FreedSpecialBlock {
  /** Where the record is in physical memory. */
  readonly page: Pa;
  /** What was freed, and so many bytes. */
  readonly address: Va;
  readonly size: number;
  readonly tag: number;
  readonly paged: boolean;
  /** Clock ticks since the system started. */
  readonly tickCount: number;
  readonly thread: Va;
  /** Where the stack of the thread that freed it began, and the words that were copied of it. */
  readonly stackPointer: Va;
  readonly stackWords: readonly Va[];
}

const signature = 0x9876_4321;
const maxStackBytes = 0x400;

/** Pages between two signs of life. */
const pagesPerStep = 256;

/** Looks through the pages of a dump for records of freed blocks: all, or those of a page. Nothing without physical memory. */
export function* findFreedSpecialPool(
  { target }: Pick<ObjectKernel, 'target'>,
  page?: Va,
): Generator<{ readonly done: number; readonly total: number }, readonly FreedSpecialBlock[]> {
  const { physical } = target.dump;
  if (physical === undefined) return [];
  const { pointerSize } = target;
  const total = physical.pages.limit;
  const found: FreedSpecialBlock[] = [];
  let looked = 0;
  for (const { base, count } of physical.pages.runs()) {
    if (count === 0) yield { done: base, total };
    for (let pfn = base; pfn < base + count; pfn++) {
      if (looked++ % pagesPerStep === 0) yield { done: pfn, total };
      const read = physical.tryRead(pfn * pageSize, recordBytes);
      const record = read instanceof Fault ? undefined : decode(read, pfn * pageSize, pointerSize);
      if (record !== undefined && (page === undefined || pageOf(record.address) === pageOf(page)))
        found.push(record);
    }
  }
  return found;
}

const recordBytes = 0x60 + maxStackBytes;

/** Behind the header, and behind the pointer that the verifier keeps there, if it does. */
function decode(bytes: Uint8Array, page: Pa, pointerSize: 4 | 8): FreedSpecialBlock | undefined {
  const unit = 2 * pointerSize;
  const at = [unit, unit + pointerSize].find((offset) => readU32(bytes, offset) === signature);
  if (at === undefined) return undefined;
  const pointer = (index: number): Va => {
    const offset = at + 0x10 + index * pointerSize;
    return pointerSize === 8 ? readU64(bytes, offset) : signExtend32(readU32(bytes, offset));
  };
  const [address, stackPointer, thread] = [pointer(0), pointer(1), pointer(3)];
  const size = readU32(bytes, at + 8);
  // A record has a block of the kernel: anything else is bytes that look like the signature.
  if (address >> 63n === 0n || size === 0 || size > pageSize) return undefined;
  const length = Math.min(Number(pointer(2) & 0xffff_ffffn), maxStackBytes);
  return {
    page,
    address,
    size,
    tag: readU32(bytes, 4),
    paged: readU32(bytes, at + 0xc) !== 0,
    tickCount: readU32(bytes, at + 4),
    thread,
    stackPointer,
    stackWords: Array.from({ length: Math.floor(length / pointerSize) }, (_, index) => pointer(4 + index)),
  };
}
