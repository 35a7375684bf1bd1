import type { Chain } from '../chains.ts';
import type { HeapBitError } from './heap-block.ts';
import { vsUnit } from './vs-code.ts';
import { chunkAt, type VsText } from './vs-seams.ts';
import { firstUnit, VsTest } from './vs-test.ts';

/** More damage than one bit can do. */
const mostPlaces = 8;

interface HeaderBits {
  readonly field: string;
  readonly from: number;
  readonly width: number;
  /** Bytes that one of it stands for. */
  readonly scale: number;
}

/** The bits of a chunk header that the walk looks at: MemoryCost and what is behind Allocated can be anything. */
const fields: readonly HeaderBits[] = [
  { field: 'UnsafeSize', from: 16, width: 16, scale: vsUnit },
  { field: 'UnsafePrevSize', from: 32, width: 16, scale: vsUnit },
  { field: 'Allocated', from: 48, width: 8, scale: 1 },
  { field: 'EncodedSegmentPageOffset', from: 64, width: 8, scale: 1 },
];

/**
 * Looks for one bit in the headers next to what does not agree that would make the subsegment whole. Words are changed for each
 * test and restored.
 */
export function findVsBitErrors(
  text: VsText,
  chains: readonly Chain[],
  wrong: readonly number[],
): HeapBitError[] {
  const places = new Set<number>(wrong);
  if (chains.length === 0 || chains[0]!.first !== firstUnit) places.add(firstUnit);
  // Chains that go through say nothing of each other.
  if (chains.length !== 1 || chains[0]!.first !== firstUnit || !chains[0]!.reachesEnd)
    for (const { first, last, end, back } of chains)
      for (const unit of [first, last, end, back]) if (unit >= firstUnit && unit < text.end) places.add(unit);
  if (places.size > mostPlaces) return [];
  const test = new VsTest(text.code, text.hasPlainNodes);
  return [...places].sort((a, b) => a - b).flatMap((unit) => tryBits(text, test, unit));
}

function tryBits(text: VsText, test: VsTest, unit: number): HeapBitError[] {
  const { words, present, address } = text.sub;
  if (present[unit] !== 1) return [];
  const at = address + BigInt(unit * vsUnit);
  const errors: HeapBitError[] = [];
  for (const { field, from, width, scale } of fields)
    for (let bit = from; bit < from + width; bit++) {
      const place = unit * 4 + (bit >>> 5);
      const mask = 1 << (bit & 31);
      const found = valueOf(text, unit, field);
      words[place] = words[place]! ^ mask;
      if (test.walk(text.sub, text.end)) {
        const expected = valueOf(text, unit, field);
        errors.push({ at, bit, field, found: found * scale, expected: expected * scale });
      }
      words[place] = words[place]! ^ mask;
    }
  return errors;
}

function valueOf(text: VsText, unit: number, field: string): number {
  const { size, previousSize, allocated } = chunkAt(text, unit)!;
  if (field === 'UnsafeSize') return size / vsUnit;
  if (field === 'UnsafePrevSize') return previousSize / vsUnit;
  if (field === 'Allocated') return allocated;
  return text.code.pageOffset(
    text.sub.bytes[unit * vsUnit + 8]!,
    Number((text.sub.address + BigInt(unit * vsUnit)) & 0xffn),
  );
}
