import type { Va } from '../../base/index.ts';
import type { VsBytes } from './vs-bytes.ts';
import type { Anchors } from './vs-chains.ts';
import { vsUnit } from './vs-code.ts';
import { firstUnit } from './vs-test.ts';

const megabyte = 0x10_0000;

/** Chunks that the tree of free ones leads to, and blocks that lists keep. */
interface KnownChunks {
  readonly free: ReadonlySet<Va>;
  readonly kept: ReadonlyMap<Va, string>;
}

/** Places of a heap by the megabyte that they are in, so that those of a subsegment need no look at all of them. */
type Places = ReadonlyMap<number, readonly number[]>;

interface KnownPlaces {
  readonly free: Places;
  readonly kept: Places;
}

const remembered = new WeakMap<KnownChunks, KnownPlaces>();

function placesOf(knowledge: KnownChunks): KnownPlaces {
  const known = remembered.get(knowledge) ?? {
    free: byMegabyte(knowledge.free),
    kept: byMegabyte(knowledge.kept.keys()),
  };
  remembered.set(knowledge, known);
  return known;
}

function byMegabyte(addresses: Iterable<Va>): Places {
  const places = new Map<number, number[]>();
  for (const va of addresses) {
    const key = Number(va >> 20n);
    const offset = Number(va & 0xf_ffffn);
    const own = places.get(key);
    if (own === undefined) places.set(key, [offset]);
    else own.push(offset);
  }
  return places;
}

/** Offsets in a piece of memory of what is known to be there. */
function* offsetsIn(places: Places, { address, bytes }: VsBytes): Generator<number> {
  const first = Number(address >> 20n);
  const start = Number(address & 0xf_ffffn);
  for (let index = 0; index * megabyte < start + bytes.length; index++)
    for (const offset of places.get(first + index) ?? []) {
      const at = index * megabyte + offset - start;
      if (at >= 0 && at < bytes.length) yield at;
    }
}

/** Units of a subsegment where chunks are known to begin. */
export function anchorsIn(sub: VsBytes, knowledge: KnownChunks): Anchors {
  const anchors = new Set<number>();
  const { free, kept } = placesOf(knowledge);
  for (const at of offsetsIn(free, sub))
    if (at % vsUnit === 0 && at / vsUnit >= firstUnit) anchors.add(at / vsUnit);
  for (const at of offsetsIn(kept, sub)) for (const unit of chunksOfKept(at)) anchors.add(unit);
  return anchors;
}

/** Where the chunk of a kept block can begin: `offset` is that of the chunk or the block's header; an anchor that is none does no harm. */
function chunksOfKept(offset: number): number[] {
  const header = (offset & 0xfff) === 0 ? offset - 0x20 : offset - 0x10;
  return [offset, header].filter((each) => each % vsUnit === 0).map((each) => each / vsUnit);
}
