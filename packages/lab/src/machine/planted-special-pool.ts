import { type Pfn, pageSize, type Va } from '@poolscope/engine/base';
import { asciiBytes, writeU32, writeU64 } from '../bytes/integers.ts';
import { pointerBytes } from './kernel-structure.ts';
import type { KernelWorld } from './kernel-world.ts';
import { type SpecialBlockPlan, specialBlocks } from './verifier-story.ts';

/** A block as it was planted. */
export interface TrueSpecialBlock extends SpecialBlockPlan {
  readonly page: Va;
  /** What the caller got. */
  readonly address: Va;
  readonly guard: Va;
  /** Address of the verifier's record of it. */
  readonly entry: Va;
  /** The page of physical memory that still holds the record of a freed block. */
  readonly freedPage: Pfn | undefined;
}

/** Special pool of the lab is here: between other things of paged pool. */
const regionOffset = 0x0200_0000n;
const page = BigInt(pageSize);

const verifierFlag = 0x4000;
const pagedFlag = 0x8000;
const freedSignature = 0x9876_4321;

/** `entryOf` gives the verifier's record that a block is to name; `freed` who freed the one that is gone, and from where. */
export function plantSpecialPool(
  world: KernelWorld,
  freed: { readonly thread: Va; readonly caller: Va },
  entryOf: (index: number) => Va,
): TrueSpecialBlock[] {
  const { pagedPool, specialPool } = world.profile.addresses;
  let next = specialPool ?? pagedPool + regionOffset;
  return specialBlocks.map((plan, index) => {
    const first = next;
    next += 3n * page;
    const at = plan.alignment === 'end' ? first : first + page;
    const guard = plan.alignment === 'end' ? first + page : first;
    return plantBlock(world, plan, { at, guard, entry: entryOf(index), ...freed });
  });
}

interface Place {
  readonly at: Va;
  readonly guard: Va;
  readonly entry: Va;
  readonly thread: Va;
  readonly caller: Va;
}

function plantBlock(
  world: KernelWorld,
  plan: SpecialBlockPlan,
  { at, guard, entry, thread, caller }: Place,
): TrueSpecialBlock {
  const unit = 2 * world.pointerSize;
  const data = plan.alignment === 'end' ? Math.floor((pageSize - plan.size) / unit) * unit : 0;
  const bytes = new Uint8Array(pageSize).fill(plan.pattern);
  const header = plan.alignment === 'end' ? 0 : pageSize - unit;
  const flags = (plan.alignment === 'end' ? verifierFlag : 0) | (plan.paged === true ? pagedFlag : 0);
  bytes.fill(0, header, header + unit);
  writeU32(bytes, header, plan.size | flags | (plan.pattern << 16));
  bytes.set(asciiBytes(plan.tag), header + 4);
  if (plan.alignment === 'end') bytes.set(pointerBytes(entry, world.pointerSize), unit);
  // What the driver keeps in its block.
  bytes.fill(0x11, data, data + plan.size);
  if (plan.damage !== undefined) bytes.set(plan.damage.bytes, data + plan.damage.at);
  if (plan.flip !== undefined) bytes[data + plan.flip.at]! ^= 1 << plan.flip.bit;
  const { space } = world;
  space.allocate(at, pageSize, { writable: true });
  space.write(at, bytes);
  const address = at + BigInt(data);
  const isFreed = plan.name === 'freed';
  const freedPage = isFreed ? space.pfnOf(at) : undefined;
  if (isFreed) {
    space.write(at, freedRecord(world, plan, { address, thread, caller }));
    space.plant(at, 0n);
  }
  return { ...plan, page: at, address, guard, entry, freedPage };
}

/** Header, verifier's pointer, then the record: signature, ticks, size, whether it was pageable, block, stack, thread. */
function freedRecord(
  world: KernelWorld,
  { size, tag }: SpecialBlockPlan,
  { address, thread, caller }: { readonly address: Va; readonly thread: Va; readonly caller: Va },
): Uint8Array {
  const { pointerSize } = world;
  const at = 3 * pointerSize;
  const bytes = new Uint8Array(at + 0x10 + 6 * pointerSize);
  bytes.set(asciiBytes(tag), 4);
  for (const [index, value] of [freedSignature, 0x1_2345, size, 0].entries())
    writeU32(bytes, at + 4 * index, value);
  const stackBytes = BigInt(2 * pointerSize);
  const pointers = [address, thread - 0x100n, stackBytes, thread, address, caller];
  for (const [index, value] of pointers.entries()) {
    const offset = at + 0x10 + index * pointerSize;
    if (pointerSize === 8) writeU64(bytes, offset, value);
    else writeU32(bytes, offset, Number(value & 0xffff_ffffn));
  }
  return bytes;
}
