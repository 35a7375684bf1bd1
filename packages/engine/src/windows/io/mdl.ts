import { DebuggerError, pageSize, type Va, wrap64 } from '../../base/index.ts';
import { MemberReader } from '../member-reader.ts';
import { addressTextOf, type ObjectKernel, unreadable } from '../objects/index.ts';

/** A memory descriptor list: which physical pages a buffer has. Undefined: not in the dump. */
export interface Mdl {
  readonly address: Va;
  readonly next: Va | undefined;
  /** Bytes of the MDL itself. */
  readonly size: number;
  readonly flags: number | undefined;
  readonly process: Va | undefined;
  readonly mappedSystemVa: Va | undefined;
  /** The buffer begins `byteOffset` bytes behind this page's beginning. */
  readonly startVa: Va;
  readonly byteCount: number;
  readonly byteOffset: number;
  /** Page frame numbers, as far as they are in the dump and `maxPages` goes. */
  readonly pages: readonly bigint[];
  /** Pages that the buffer covers. */
  readonly pageCount: number;
}

/** The structures that it is read from. */
export const mdlStructures = ['_MDL'] as const;

/** Most pages that are read: 4 MB of a buffer. */
const maxPages = 0x400;

/** Reads an MDL. Throws TYPES_UNKNOWN, MEMORY_UNREADABLE, or NO_SUCH_RECORD where its sizes do not fit each other. */
export function readMdl(kernel: ObjectKernel, address: Va): Mdl {
  const object = kernel.structures.at('_MDL', address);
  const read = new MemberReader(object);
  const size = read.number('size', 'Size');
  const startVa = read.pointer('startVa', 'StartVa');
  const byteCount = read.number('byteCount', 'ByteCount');
  const byteOffset = read.number('byteOffset', 'ByteOffset');
  if (size === undefined || startVa === undefined || byteCount === undefined || byteOffset === undefined)
    throw unreadable(kernel, 'MDL', address);
  const pageCount = Math.ceil((byteOffset + byteCount) / pageSize);
  const whole = object.type.size + pageCount * kernel.target.pointerSize;
  const problem = contradiction(size, object.type.size, whole, startVa, byteOffset);
  if (problem !== undefined)
    throw new DebuggerError(
      'NO_SUCH_RECORD',
      `there is no MDL at ${addressTextOf(kernel, address)}: ${problem}`,
    );
  const first = wrap64(address + BigInt(object.type.size));
  return {
    address,
    next: read.pointer('next', 'Next'),
    size: size & 0xffff,
    flags: flagsOf(read),
    process: read.pointer('process', 'Process'),
    mappedSystemVa: read.pointer('mappedSystemVa', 'MappedSystemVa'),
    startVa,
    byteCount,
    byteOffset,
    pages: readPages(kernel, first, pageCount),
    pageCount,
  };
}

/** An MDL has no mark of its own: what it says must be possible. Its size is cut to 16 bits, so that of a big one is any. */
function contradiction(
  size: number,
  header: number,
  whole: number,
  startVa: Va,
  byteOffset: number,
): string | undefined {
  const told = size & 0xffff;
  if (told < header && told !== (whole & 0xffff))
    return `it would have ${told} bytes, less than its fixed part`;
  if (byteOffset >= pageSize) return 'its buffer would begin behind its first page';
  return startVa % BigInt(pageSize) === 0n ? undefined : 'its first page would not begin on a page';
}

const flagsOf = (read: MemberReader): number | undefined => {
  const flags = read.number('flags', 'MdlFlags');
  return flags === undefined ? undefined : flags & 0xffff;
};

/**
 * They lie behind the fixed part, one pointer each. The size of the MDL does not bound them: it is a signed number of 16
 * bits, too small for big buffers.
 */
function readPages({ target }: ObjectKernel, first: Va, count: number): bigint[] {
  const pages: bigint[] = [];
  for (let index = 0; index < Math.min(count, maxPages); index++) {
    const page = target.readPointer(wrap64(first + BigInt(index * target.pointerSize)));
    if (page === undefined) break;
    pages.push(target.pointerSize === 4 ? page & 0xffff_ffffn : page);
  }
  return pages;
}
