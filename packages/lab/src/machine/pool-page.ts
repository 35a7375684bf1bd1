import { pageSize, type Va } from '@poolscope/engine/base';
import { asciiBytes, writeU32 } from '../bytes/integers.ts';
import type { KernelWorld } from './kernel-world.ts';

/** Unit of block sizes: 16 bytes on 64-bit systems, 8 on x86; also the size of a POOL_HEADER. */
const unitOf = (world: KernelWorld): number => world.pointerSize * 2;

/** POOL_HEADER.PoolType: nonpaged (0) plus one, with the bit that marks an allocated block. */
const allocatedNonPaged = 0x02;

/** The blocks of the damaged page, in units. */
const plan = [
  { tag: 'File', units: 0x18 },
  { tag: 'SmpD', units: 0x21 },
  { tag: 'StFl', units: 0x21 },
  { tag: 'Irp ', units: 0x2a },
  { tag: 'MmCa', units: 0x15 },
] as const;

export interface DamagedPage {
  /** Header of the block whose owner wrote too much. */
  readonly block: Va;
  /** What that owner got from the allocator. */
  readonly data: Va;
  /** Header that was overwritten. */
  readonly victim: Va;
}

/** A page of nonpaged pool in which the owner of `SmpD` filled 32 bytes too many with the letter O. */
export function writeDamagedPoolPage(world: KernelWorld): DamagedPage {
  const unit = unitOf(world);
  const page = world.nonPagedPool.allocate(pageSize, pageSize);
  const bytes = new Uint8Array(pageSize);
  const offsets: number[] = [];
  let at = 0;
  let previous = 0;
  const rest = pageSize / unit - plan.reduce((sum, { units }) => sum + units, 0);
  for (const { tag, units } of [...plan, { tag: 'Free', units: rest }]) {
    writeHeader(bytes, at, { previous, units, type: tag === 'Free' ? 0 : allocatedNonPaged, tag }, unit);
    offsets.push(at);
    at += units * unit;
    previous = units;
  }
  const [, block, victim] = offsets as [number, number, number];
  bytes.fill(0x4f, block + unit, victim + 2 * unit);
  world.space.write(page, bytes);
  return { block: page + BigInt(block), data: page + BigInt(block + unit), victim: page + BigInt(victim) };
}

interface Header {
  readonly previous: number;
  readonly units: number;
  readonly type: number;
  readonly tag: string;
}

/** x64: PreviousSize, PoolIndex, BlockSize, PoolType a byte each; x86: 9, 7, 9 and 7 bits. The tag follows. */
function writeHeader(
  bytes: Uint8Array,
  at: number,
  { previous, units, type, tag }: Header,
  unit: number,
): void {
  const word =
    unit === 16 ? previous | (units << 16) | (type << 24) : previous | (units << 16) | (type << 25);
  writeU32(bytes, at, word);
  bytes.set(asciiBytes(tag), at + 4);
}
