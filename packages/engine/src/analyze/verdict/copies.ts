import { Fault, pageSize, type Va } from '../../base/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { Frame } from '../../unwind/index.ts';
import { remembered } from './remember.ts';
import type { Scene } from './scene.ts';
import { allPool, imageRanges, searchRanges } from './search-everywhere.ts';

/** Another place in memory that holds the same bytes: where they may have been copied from. */
export interface Copy {
  readonly at: Va;
  /** Equal bytes from the place that was asked about on, and before it. */
  readonly forward: number;
  readonly backward: number;
}

const keyBytes = 16;
/** Fewer different bytes are found everywhere. */
const fewestValues = 5;
const mostHits = 16;
const longest = pageSize;

/** Where else the bytes at an address stand: in pool, in loaded images, on the crashed stack; the longest first. */
export const findCopies: (scene: Scene, va: Va) => readonly Copy[] = remembered(searchCopies);

function searchCopies({ system, frames }: Scene, va: Va): readonly Copy[] {
  const key = system.target.readBytes(va, keyBytes);
  if (key === undefined || new Set(key).size < fewestValues) return [];
  const hits = searchRanges(system, ranges(system, frames), { bytes: key, step: 1 }, mostHits);
  // A value that is repeated stands behind itself too.
  const found = hits
    .map((at) => compare(system, va, at))
    .filter(({ at, forward, backward }) => abs(at - va) >= BigInt(forward + backward));
  return found.sort((a, b) => b.forward + b.backward - a.forward - a.backward);
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);

function ranges(system: CrashedSystem, frames: readonly Frame[]): { start: Va; end: Va }[] {
  const sp = frames[0]?.sp;
  const stack =
    sp === undefined
      ? []
      : [{ start: sp, end: (frames.at(-1)?.sp ?? sp) > sp ? frames.at(-1)!.sp : sp + 0x1000n }];
  const near = stack.filter(({ start, end }) => end - start < 0x10_0000n);
  return [...near, ...allPool(system), ...imageRanges(system)];
}

/** How far two places are equal, both ways. */
function compare(system: CrashedSystem, va: Va, other: Va): Copy {
  const [a, b] = [va, other].map((at) => readUp(system, at));
  const [c, d] = [va, other].map((at) => readDown(system, at));
  let forward = 0;
  while (forward < a!.length && forward < b!.length && a![forward] === b![forward]) forward++;
  let backward = 0;
  while (backward < c!.length && backward < d!.length && c!.at(-1 - backward) === d!.at(-1 - backward))
    backward++;
  const unit = system.target.pointerSize;
  return {
    at: other,
    forward: withoutZeros(a!, forward, unit),
    backward: withoutZeros(c!.toReversed(), backward, unit),
  };
}

/** Zeros behind a copy are in both places anyway. */
function withoutZeros(bytes: Uint8Array, length: number, unit: number): number {
  let end = length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return Math.min(length, Math.ceil(end / unit) * unit);
}

function readUp({ memory }: CrashedSystem, va: Va): Uint8Array {
  const read = memory.tryRead(va, longest);
  return read instanceof Fault ? read.got : read;
}

/** Of the page of the address. */
function readDown({ target }: CrashedSystem, va: Va): Uint8Array {
  const count = Number(va % BigInt(pageSize));
  return (count === 0 ? undefined : target.readBytes(va - BigInt(count), count)) ?? new Uint8Array(0);
}
