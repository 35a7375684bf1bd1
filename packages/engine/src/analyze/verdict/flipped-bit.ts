import type { Va } from '../../base/index.ts';
import { isKernelAddress } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';

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
