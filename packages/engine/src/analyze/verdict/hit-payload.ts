import type { PoolBlock } from '../../pool/index.ts';
import { arrayOver, islandBefore } from './continuation.ts';
import type { DamagedPage, PageDamage } from './damage-span.ts';
import { denseOver } from './dense-run.ts';
import type { HeaderChange, KnownHeader } from './known-header.ts';
import { addressesAround, type Payload, payloadAt } from './payload.ts';
import { elementsBefore, elementsBehind } from './repeats.ts';
import { seriesOver } from './series.ts';

/** A header that makes no sense, and what stands around it. */
export interface Hit {
  /** Offset of the header. */
  readonly at: number;
  /** Bytes of all headers there: behind them the block's memory begins. */
  readonly length: number;
  /** Offset of the block's own header: behind `at` where the allocator has one in front of it. */
  readonly own: number;
  /** Do its neighbours tell what it was? */
  readonly isFramed: boolean;
  readonly known: KnownHeader;
  /** Which of its bytes are known to be others than they were. */
  readonly change: HeaderChange | undefined;
  /** The block that ends there, and where its memory begins. */
  readonly before: PoolBlock | undefined;
  readonly body: number;
  readonly victim: PageDamage['victim'];
}

/** A text, a run, elements of an array that go on, or what stands elsewhere too. */
export function payloadOf({ read: { bytes }, format, copied }: DamagedPage, hit: Hit): Payload | undefined {
  const { at, body, before, victim } = hit;
  const run = explaining(hit, payloadAt(bytes, at, body));
  if (run !== undefined) return run;
  const series = before === undefined ? undefined : seriesOver(bytes, body, at);
  if (series !== undefined) return series;
  const addresses = addressesAround(bytes, at, body, format.unit / 2);
  if (addresses !== undefined) return addresses;
  const behind = before === undefined ? undefined : elementsBehind(bytes, body, at);
  if (behind !== undefined) return { ...behind, goesOn: true };
  const own = at + hit.length;
  const array = arrayFromInside(bytes, hit, own);
  if (array !== undefined) return array;
  const copy = copied(at);
  // What goes on behind the header is no array of the block's own that begins there.
  if (copy !== undefined && copy.end > own) return { ...copy, start: Math.max(body, copy.start) };
  const size = isInFront(hit) ? hit.own - at : victim.size;
  const last = size === undefined ? bytes.length : Math.min(bytes.length, at + size);
  const dense = before === undefined ? undefined : denseOver(bytes, { body, at, own, last });
  if (dense !== undefined) return dense;
  const ahead = elementsBefore(bytes.subarray(0, last), body, own);
  if (ahead !== undefined && ahead.start < at) return ahead;
  return copy === undefined ? undefined : { ...copy, start: Math.max(body, copy.start) };
}

/** Elements that stand alone at the end of a block in use, and go on behind it. */
function arrayFromInside(bytes: Uint8Array, { at, body, before }: Hit, own: number): Payload | undefined {
  const island = before?.state === 'allocated' ? islandBefore(bytes, body, at) : undefined;
  const end = island === undefined ? undefined : arrayOver(bytes, island, at, own);
  if (island === undefined || end === undefined) return undefined;
  return { start: island, end, pattern: 'mixed', text: undefined, goesOn: true };
}

/** Fewer bytes than these behind a block are like those in it by chance. */
export const fewestOutside = 8;

/** A payload, if it is what changed the header: not one that happens to go on for a byte or two. */
export function explaining(hit: Hit, payload: Payload | undefined): Payload | undefined {
  const { at, change, length } = hit;
  if (payload !== undefined && isBesideChange(hit, payload)) return undefined;
  if (payload === undefined || payload.end - at >= Math.min(fewestOutside, length)) return payload;
  return change !== undefined && at + change.end > payload.end ? undefined : payload;
}

/** Does a payload run through bytes of the header that are as they were? Then it is not what changed those behind them. */
function isBesideChange({ at, change, known }: Hit, { start }: Payload): boolean {
  if (change === undefined || start > at) return false;
  const asBefore = known.masks.subarray(0, change.first).filter((mask) => mask === 0xff);
  const zeros = known.values.subarray(0, change.first).filter((value) => value === 0);
  return asBefore.length - zeros.length > byChance;
}

/** Bytes that are as they were by chance. */
const byChance = 2;

/** Did the allocator's header alone change, and not that of the block behind it? */
const isInFront = ({ at, own, change }: Hit): boolean =>
  own > at && change !== undefined && at + change.end <= own;

/** What went through the allocator's header alone did not go on in that of the block, which is whole. */
export function infrontOfWhole(hit: Hit, payload: Payload | undefined): Payload | undefined {
  const { own } = hit;
  if (payload === undefined || !isInFront(hit) || payload.end <= own) return payload;
  // The NUL of a text is a zero of that header.
  const isClosed = isText(payload) && payload.end - own <= (payload.isWide === true ? 2 : 1);
  return isClosed ? payload : { ...payload, end: own };
}

export const isText = ({ pattern }: Payload): boolean => pattern === 'text';
