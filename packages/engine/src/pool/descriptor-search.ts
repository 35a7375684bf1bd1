import { readU32, readU64, signExtend32, type Va, wrap64 } from '../base/index.ts';
import type { StructureType } from '../types/index.ts';
import type { ObjectKernel } from '../windows/index.ts';
import { type DataPage, kernelData, type SearchedKernel } from './kernel-data.ts';

/** A descriptor, and the variable that points to it. */
export interface FoundDescriptor {
  readonly address: Va;
  readonly at: Va;
}

/** Lists whose links have to agree before something counts as a descriptor. */
const convincing = 16;
/** Descriptors at most: nodes, and pools of each. */
const mostFound = 256;
const pagesPerSign = 4;

const searched = new WeakMap<SearchedKernel, readonly FoundDescriptor[]>();

/**
 * Looks for descriptors where nothing tells of them: what a variable of nt points to counts as one if its type is nonpaged
 * or paged pool, and the heads of its lists all lead to entries that lead back.
 */
export function* searchDescriptors(
  kernel: SearchedKernel,
  type: StructureType,
): Generator<number, readonly FoundDescriptor[]> {
  const known = searched.get(kernel);
  if (known !== undefined) return known;
  const found: FoundDescriptor[] = [];
  const seen = new Set<Va>();
  let pages = 0;
  for (const page of kernelData(kernel)) {
    for (const { offset, to } of kernelPointers(page, kernel.target.pointerSize)) {
      if (seen.has(to) || found.length >= mostFound) continue;
      seen.add(to);
      if (isDescriptor(kernel, type, to)) found.push({ address: to, at: wrap64(page.at + BigInt(offset)) });
    }
    if (++pages % pagesPerSign === 0) yield pages;
  }
  searched.set(kernel, found);
  return found;
}

function* kernelPointers({ bytes }: DataPage, pointerSize: 4 | 8): Generator<{ offset: number; to: Va }> {
  for (let offset = 0; offset + pointerSize <= bytes.length; offset += pointerSize) {
    const isAligned = bytes[offset]! % pointerSize === 0;
    if (!isAligned || bytes[offset + pointerSize - 1]! < 0x80) continue;
    if (pointerSize === 8 && bytes[offset + 6] !== 0xff) continue;
    yield { offset, to: pointerSize === 8 ? readU64(bytes, offset) : signExtend32(readU32(bytes, offset)) };
  }
}

function isDescriptor({ target }: ObjectKernel, type: StructureType, address: Va): boolean {
  const poolType = target.readU32(wrap64(address + BigInt(type.offset('PoolType') ?? 0)));
  if (poolType !== 0 && poolType !== 1) return false;
  const heads = type.member('ListHeads');
  if (heads === undefined) return false;
  const size = target.pointerSize * 2;
  let agreeing = 0;
  for (let index = 0; index < heads.count; index++) {
    const answer = leadsBack(target, wrap64(address + BigInt(heads.offset + index * size)));
    if (answer === false) return false;
    if (answer === true) agreeing++;
  }
  return agreeing >= convincing;
}

/** Do both neighbours of a list head lead back to it? Undefined where they are not in the dump. */
function leadsBack(target: ObjectKernel['target'], head: Va): boolean | undefined {
  const size = BigInt(target.pointerSize);
  const [next, last] = [target.readPointer(head), target.readPointer(wrap64(head + size))];
  if (next === undefined || last === undefined || next >> 63n === 0n || last >> 63n === 0n) return false;
  const [back, forth] = [target.readPointer(wrap64(next + size)), target.readPointer(last)];
  if (back === undefined && forth === undefined) return undefined;
  return (back === undefined || back === head) && (forth === undefined || forth === head);
}
