/** A block of a page of classic pool, as a test writes it. */
export interface PlannedBlock {
  readonly tag: string;
  /** Bytes, header included; the last block of a page takes what is left when it has none. */
  readonly size?: number;
  /** POOL_HEADER.PoolType. */
  readonly type?: number;
  readonly index?: number;
  /** Set the bit that protects the tag. */
  readonly isProtected?: boolean;
  /** The last 8 bytes of a header on x64. */
  readonly billed?: bigint;
}

const pageSize = 0x1000;
const allocated = 2;

/** Bytes of a page of blocks at `at`. Free blocks are alone in their lists. */
export function poolPage(pointerSize: 4 | 8, at: bigint, blocks: readonly PlannedBlock[]): Uint8Array {
  const unit = pointerSize * 2;
  const bytes = new Uint8Array(pageSize);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  let previous = 0;
  for (const {
    tag,
    size = pageSize - offset,
    type = allocated,
    index = 0,
    isProtected = false,
    billed,
  } of blocks) {
    writeSizes(view, offset, pointerSize, { previous: previous / unit, index, size: size / unit, type });
    for (let each = 0; each < 4; each++) bytes[offset + 4 + each] = tag.padEnd(4).charCodeAt(each);
    if (isProtected) bytes[offset + 7]! |= 0x80;
    if (pointerSize === 8 && billed !== undefined) view.setBigUint64(offset + 8, billed, true);
    if (type === 0 && size > unit) writeLinks(view, offset + unit, pointerSize, at + BigInt(offset + unit));
    previous = size;
    offset += size;
  }
  return bytes;
}

interface Sizes {
  readonly previous: number;
  readonly index: number;
  readonly size: number;
  readonly type: number;
}

/** In units. */
export function writeSizes(
  view: DataView,
  at: number,
  pointerSize: 4 | 8,
  { previous, index, size, type }: Sizes,
): void {
  if (pointerSize === 8)
    [previous, index, size, type].forEach((value, byte) => view.setUint8(at + byte, value));
  else {
    view.setUint16(at, previous | (index << 9), true);
    view.setUint16(at + 2, size | (type << 9), true);
  }
}

function writeLinks(view: DataView, at: number, pointerSize: 4 | 8, entry: bigint): void {
  for (const link of [0, 1]) {
    if (pointerSize === 8) view.setBigUint64(at + link * 8, BigInt.asUintN(64, entry), true);
    else view.setUint32(at + link * 4, Number(entry & 0xffff_ffffn), true);
  }
}
