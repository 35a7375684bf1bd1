import type { Va } from '../../base/index.ts';
import { isKernelAddress } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { Likeness } from './siblings.ts';
import { smallPoolAt } from './small-pool.ts';

/** A bit of a word that is not what it was, and how that is known: behind `with it turned back`. */
export interface FlippedBit {
  readonly bit: number;
  readonly because: string;
  /** What the word was. */
  readonly was: bigint;
}

/** One bit of a pointer in a block that is wrong: by the list that it is a link of, by other blocks of the kind, or by where it leads. */
export function bitOfPointer(
  system: CrashedSystem,
  { cell, value }: { readonly cell: Va; readonly value: bigint },
  like: Likeness,
): FlippedBit | undefined {
  const link = flippedBit(system, cell, value);
  if (link !== undefined)
    return { bit: link, was: turned(value, link), because: 'leads to an entry that leads back to it' };
  const others = unlikeBit(value, like, system.target.pointerSize);
  if (others !== undefined)
    return {
      bit: others,
      was: turned(value, others),
      because: 'is what all other blocks with this tag have there',
    };
  const start = bitToBlock(system, value);
  return start === undefined
    ? undefined
    : { bit: start, was: turned(value, start), because: 'leads to the start of a block in use' };
}

const turned = (value: bigint, bit: number): bigint => value ^ (1n << BigInt(bit));

/** The one bit in which a word differs from the same word of all other blocks of a kind. */
function unlikeBit(value: bigint, like: Likeness, size: number): number | undefined {
  let other = 0n;
  for (let byte = 0; byte < size; byte++) {
    const known = like[byte] ?? -1;
    if (known < 0) return undefined;
    other |= BigInt(known) << BigInt(8 * byte);
  }
  return singleBit(BigInt.asUintN(8 * size, value) ^ other);
}

const singleBit = (value: bigint): number | undefined =>
  value !== 0n && (value & (value - 1n)) === 0n ? value.toString(2).length - 1 : undefined;

/** Bits that lead to another page: below them an address may well lead into the same block. */
const [firstBit, wordBits] = [12, 64];

/** The one bit that makes of a word the address of a block's memory. */
function bitToBlock(system: CrashedSystem, value: bigint): number | undefined {
  if (system.target.pointerSize !== 8) return undefined;
  const unit = BigInt(2 * system.target.pointerSize);
  const found: number[] = [];
  for (let bit = firstBit; bit < wordBits; bit++) {
    const other = BigInt.asUintN(64, value ^ (1n << BigInt(bit)));
    if (!isKernelAddress(system, other) || other % unit !== 0n) continue;
    const block = smallPoolAt(system, other)?.block;
    if (block?.state === 'allocated' && other === block.address + unit) found.push(bit);
  }
  return found.length === 1 ? found[0] : undefined;
}

/**
 * The one bit of a bad pointer that has to be turned back for it to be a link again: what it leads to then leads back to the
 * cell, as neighbours in a list do. Undefined where no bit does that, or more than one.
 */
export function flippedBit(system: CrashedSystem, cell: Va, value: bigint): number | undefined {
  const { pointerSize } = system.target;
  const bits: number[] = [];
  for (let bit = 0; bit < pointerSize * 8; bit++) {
    const other = value ^ (1n << BigInt(bit));
    if (isKernelAddress(system, other) && leadsBack(system, other, cell)) bits.push(bit);
  }
  return bits.length === 1 ? bits[0] : undefined;
}

/** The cell is a Flink or a Blink: the other's other link is its entry. */
function leadsBack({ target }: CrashedSystem, entry: Va, cell: Va): boolean {
  const size = BigInt(target.pointerSize);
  return target.readPointer(entry + size) === cell || target.readPointer(entry) === cell - size;
}
