import type { Va } from '../../base/index.ts';
import { exactTag, findPoolBlocks, poolFormat, tagValue } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { isPrintable } from './payload.ts';
import { remembered } from './remember.ts';

/** What stands alike in all blocks of a kind, byte by byte behind their headers; -1: it differs, or nobody knows. */
export type Likeness = Int16Array;

/** Blocks that are compared, and fewest of them that tell something: a few have a byte in common by chance. */
const [mostBlocks, fewestBlocks] = [33, 6];
/** Bytes of a block that are compared. */
const longest = 0x400;
/** Pool that is looked through. */
const mostBytes = 0x400_0000;

/** Memory of blocks in use that have a tag, by their headers. */
const blocksTagged: (system: CrashedSystem, tag: string) => ReadonlyMap<Va, Uint8Array> = remembered(
  (system: CrashedSystem, tag: string) => {
    const unit = poolFormat(system).unit;
    const found = new Map<Va, Uint8Array>();
    const search = { tag: exactTag(tagValue(tag)), pools: ['nonpaged', 'paged'], onlySmall: true } as const;
    const run = findPoolBlocks(system, search);
    for (let step = run.next(); step.done !== true; step = run.next()) {
      if (step.value.what !== 'blocks') continue;
      for (const { block } of [...step.value.found.blocks, ...step.value.found.heap]) {
        const size = Math.min(block.size - unit, longest);
        const bytes =
          block.state === 'allocated' && size > 0
            ? system.target.readBytes(block.address + BigInt(unit), size)
            : undefined;
        if (bytes !== undefined) found.set(block.address, bytes);
      }
      if (found.size >= mostBlocks || step.value.bytes > mostBytes) break;
    }
    return found;
  },
);

/** What the other blocks with a tag have in common. */
export function likenessOf(system: CrashedSystem, tag: string, header: Va): Likeness {
  const others = [...blocksTagged(system, tag)].filter(([at]) => at !== header).map(([, bytes]) => bytes);
  const like = new Int16Array(longest).fill(-1);
  for (let at = 0; at < longest; at++) {
    const there = others.filter(({ length }) => at < length);
    if (there.length < fewestBlocks) break;
    const value = there[0]![at]!;
    if (there.every((bytes) => bytes[at] === value)) like[at] = value;
  }
  return like;
}

/** Is text what most other blocks with a tag hold there too? Offsets count from the start of their memory. */
export function holdText(system: CrashedSystem, tag: string, header: Va, from: number, end: number): boolean {
  const others = [...blocksTagged(system, tag)]
    .filter(([at, bytes]) => at !== header && bytes.length >= end)
    .map(([, bytes]) => bytes.subarray(from, end));
  const texts = others.filter(
    (bytes) => bytes.every((byte) => isPrintable(byte) || byte === 0) && bytes[0] !== 0,
  );
  return texts.length > others.length / 2;
}
