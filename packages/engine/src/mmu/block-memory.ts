import { Fault, readU32, readU64, type Va, wrap64 } from '../base/index.ts';
import { type AddressBlock, blockOrder } from '../dump/index.ts';
import type { BlockCache } from '../io/index.ts';
import type { VirtualMemory } from './virtual-memory.ts';

/** A stretch of addresses that one saved block provides. */
interface Span {
  readonly start: Va;
  /** Exclusive. */
  readonly end: Va;
  readonly block: AddressBlock;
}

const top = 1n << 64n;

/**
 * Virtual memory of a triage dump: what its blocks hold. Where blocks overlap, the order of `blockOrder` decides,
 * then their order in the file. There are no page tables, so an absent byte is `not-in-dump` and nothing more is known.
 */
export class BlockMemory implements VirtualMemory {
  readonly kind = 'blocks';
  readonly #file: BlockCache;
  readonly #spans: readonly Span[];
  /** Where the spans start, in two parts: numbers are compared several times as fast as bigints. */
  readonly #high: Float64Array;
  readonly #low: Uint16Array;
  /** The span that was found last: reads come in clusters. */
  #last: Span | undefined;

  constructor(file: BlockCache, blocks: readonly AddressBlock[]) {
    this.#file = file;
    this.#spans = paint(blocks);
    this.#high = Float64Array.from(this.#spans, ({ start }) => highPart(start));
    this.#low = Uint16Array.from(this.#spans, ({ start }) => lowPart(start));
  }

  tryRead(va: Va, length: number): Uint8Array | Fault {
    // Most reads of searches find nothing, and need no array.
    if (length > 0 && this.#find(wrap64(va)) === undefined) return new Fault('not-in-dump', wrap64(va));
    const bytes = new Uint8Array(length);
    const count = this.readInto(va, bytes);
    if (count === length) return bytes;
    const at = wrap64(va + BigInt(count));
    // Inside a block only the end of the file ends a read.
    const kind = this.#find(at) === undefined ? 'not-in-dump' : 'truncated';
    return new Fault(kind, at, { got: bytes.subarray(0, count) });
  }

  /** Copies the bytes that are there, from `va` on without a gap; returns how many. */
  readInto(va: Va, bytes: Uint8Array): number {
    let done = 0;
    while (done < bytes.length) {
      const at = wrap64(va + BigInt(done));
      const span = this.#find(at);
      if (span === undefined) break;
      const part = Math.min(bytes.length - done, Number(span.end - at));
      const target = part === bytes.length ? bytes : bytes.subarray(done, done + part);
      const count = this.#file.readInto(offsetIn(span, at), target);
      done += count;
      if (count < part) break;
    }
    return done;
  }

  tryReadU64(va: Va): bigint | Fault {
    const span = this.#find(va);
    const value =
      span !== undefined && span.end - va >= 8n ? this.#file.readU64(offsetIn(span, va)) : undefined;
    if (value !== undefined) return value;
    const bytes = this.tryRead(va, 8);
    return bytes instanceof Fault ? bytes : readU64(bytes, 0);
  }

  tryReadU32(va: Va): number | Fault {
    const span = this.#find(va);
    const value = span !== undefined && span.end - va >= 4n ? this.#file.readU32(offsetIn(span, va)) : -1;
    if (value >= 0) return value;
    const bytes = this.tryRead(va, 4);
    return bytes instanceof Fault ? bytes : readU32(bytes, 0);
  }

  nextCandidate(va: Va): Va | undefined {
    return this.#spans[this.#indexAfter(va)]?.start;
  }

  /** The saved block that provides the byte at `va`. */
  findBlock(va: Va): AddressBlock | undefined {
    return this.#find(va)?.block;
  }

  /** File offset of the byte at `va`, or undefined. */
  fileOffsetOf(va: Va): number | undefined {
    const span = this.#find(va);
    return span === undefined ? undefined : offsetIn(span, va);
  }

  /** Present stretches in rising order. */
  *spans(): Iterable<{ readonly start: Va; readonly end: Va; readonly block: AddressBlock }> {
    yield* this.#spans;
  }

  #find(va: Va): Span | undefined {
    const last = this.#last;
    if (last !== undefined && va >= last.start && va < last.end) return last;
    const span = this.#spans[this.#indexAfter(va) - 1];
    if (span === undefined || va >= span.end) return undefined;
    this.#last = span;
    return span;
  }

  /** Index of the first span that starts above `va`. */
  #indexAfter(va: Va): number {
    const [wantedHigh, wantedLow] = [highPart(va), lowPart(va)];
    let low = 0;
    let high = this.#high.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const start = this.#high[middle]!;
      if (start < wantedHigh || (start === wantedHigh && this.#low[middle]! <= wantedLow)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** All but the low 12 bits of an address: a number holds the other 52 exactly. */
const highPart = (va: Va): number => Number(va >> 12n);
const lowPart = (va: Va): number => Number(va & 0xfffn);

const offsetIn = (span: Span, va: Va): number => span.block.offset + Number(va - span.block.va);

/**
 * Spans without overlap: the edges of all blocks cut memory into pieces, blocks in order of precedence paint the
 * pieces that are still free. Free pieces are found by a disjoint-set forest, so the cost is near-linear.
 */
function paint(blocks: readonly AddressBlock[]): Span[] {
  const ordered = blockOrder.flatMap((kind) =>
    blocks.filter((block) => block.kind === kind && block.size > 0),
  );
  const ends = ordered.map((block) =>
    block.va + BigInt(block.size) > top ? top : block.va + BigInt(block.size),
  );
  const edges = sortedUnique([...ordered.map((block) => block.va), ...ends]);
  const indexOf = new Map(edges.map((edge, index) => [edge, index]));
  const next = Int32Array.from({ length: edges.length + 1 }, (_, index) => index);
  const owner = new Int32Array(edges.length).fill(-1);
  ordered.forEach((block, order) => {
    const end = indexOf.get(ends[order]!)!;
    for (let piece = findFree(next, indexOf.get(block.va)!); piece < end; piece = findFree(next, piece)) {
      owner[piece] = order;
      next[piece] = piece + 1;
    }
  });
  return merge(edges, owner, ordered);
}

const sortedUnique = (values: readonly bigint[]): bigint[] =>
  [...new Set(values)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

function findFree(next: Int32Array, piece: number): number {
  let root = piece;
  while (next[root] !== root) root = next[root]!;
  for (let at = piece; next[at] !== root && next[at] !== at; ) {
    const step = next[at]!;
    next[at] = root;
    at = step;
  }
  return root;
}

function merge(edges: readonly bigint[], owner: Int32Array, ordered: readonly AddressBlock[]): Span[] {
  const spans: Span[] = [];
  for (let piece = 0; piece + 1 < edges.length; piece++) {
    if (owner[piece]! < 0) continue;
    const first = piece;
    while (piece + 2 < edges.length && owner[piece + 1] === owner[first]) piece++;
    spans.push({ start: edges[first]!, end: edges[piece + 1]!, block: ordered[owner[first]!]! });
  }
  return spans;
}
