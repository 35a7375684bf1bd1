import { Fault, readU32, readU64, signExtend32, type Va, wrap64 } from '../base/index.ts';
import type { VirtualMemory } from '../mmu/index.ts';
import type { PoolFormat } from './format.ts';
import type { PoolBlock, PoolProblem } from './page.ts';

/**
 * Checks the links of a free block: its neighbours in the list have to lead back to it. Blocks of one unit have no room for
 * links and are on no list. What is not in the dump is not held against it.
 */
export function checkFreeLinks(memory: VirtualMemory, { unit }: PoolFormat, block: PoolBlock): PoolProblem[] {
  if (block.state !== 'free' || block.size <= unit) return [];
  const size = unit / 2;
  const entry = block.address + BigInt(unit);
  return [
    ...checkLink(memory, size, entry, entry, BigInt(size)),
    ...checkLink(memory, size, entry, entry + BigInt(size), 0n),
  ];
}

/** The link at `at` leads to an entry whose word at `back` has to be `entry`. */
function checkLink(memory: VirtualMemory, size: number, entry: Va, at: Va, back: bigint): PoolProblem[] {
  const target = readLink(memory, size, at);
  if (target === undefined) return [];
  if (target % BigInt(size) !== 0n || target < kernelStart(size))
    return [{ rule: 'free-link', at, found: target }];
  const place = wrap64(target + back);
  const found = readLink(memory, size, place);
  return found === undefined || found === entry
    ? []
    : [{ rule: 'free-link', at: place, found, expected: entry }];
}

const kernelStart = (size: number): Va => (size === 8 ? 0xffff_8000_0000_0000n : 0xffff_ffff_8000_0000n);

function readLink(memory: VirtualMemory, size: number, at: Va): Va | undefined {
  const bytes = memory.tryRead(at, size);
  if (bytes instanceof Fault) return undefined;
  return size === 8 ? readU64(bytes, 0) : signExtend32(readU32(bytes, 0));
}
