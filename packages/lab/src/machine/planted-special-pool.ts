import { type Pfn, pageSize, type Va } from '@poolscope/engine/base';
import { concatBytes, fourCc } from '../bytes/integers.ts';
import { freedRecordBytes } from '../special-pool/freed-record.ts';
import { dataOffset, specialPageBytes } from '../special-pool/special-page.ts';
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
  const { pointerSize } = world;
  const { size, alignment, pattern, paged = false } = plan;
  const data = dataOffset(size, alignment, pointerSize);
  // A start-aligned block has no room for its record's address.
  const record = alignment === 'end' ? entry : undefined;
  const facts = { size, tag: fourCc(plan.tag), pattern, alignment, paged, entry: record };
  const bytes = specialPageBytes(facts, pointerSize);
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

/** The stack of who freed it is two words: the block, and the place of the call. */
function freedRecord(
  { pointerSize }: KernelWorld,
  { size, tag }: SpecialBlockPlan,
  { address, thread, caller }: { readonly address: Va; readonly thread: Va; readonly caller: Va },
): Uint8Array {
  const stack = concatBytes([address, caller].map((word) => pointerBytes(word, pointerSize)));
  const facts = { address, size, tag: fourCc(tag), paged: false, tickCount: 0x1_2345, thread };
  return freedRecordBytes({ ...facts, stackPointer: thread - 0x100n, stack }, pointerSize);
}
