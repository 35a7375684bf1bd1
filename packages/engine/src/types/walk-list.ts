import { Fault, signExtend32, type Va, wrap64 } from '../base/index.ts';
import type { VirtualMemory } from '../mmu/index.ts';

/**
 * How a walk ended.
 * - `complete`: back at the head, or at a null pointer of a single list
 * - `empty-head`: the head's own forward link is null: the list was never initialised
 * - `null`: a link of a circular list is null
 * - `cycle`: an entry was met a second time
 * - `unreadable`: the link at `at` cannot be read; `fault` says why
 * - `limit`: as many entries as the caller wanted, and there are more
 */
export type ListEndKind = 'complete' | 'empty-head' | 'null' | 'cycle' | 'unreadable' | 'limit';

/** How the walk over a list ended. */
export interface ListEnd {
  readonly kind: ListEndKind;
  /** Entries that were given. */
  readonly count: number;
  /** The link where the walk ended. */
  readonly at: Va;
  readonly fault?: Fault;
  /** Links whose back pointer does not lead to the link before: how many, and the first. */
  readonly wrongBackLinks: number;
  readonly firstWrongBackLink?: { readonly at: Va; readonly found: Va; readonly expected: Va };
}

/** An element that the walk over a list came to. */
export interface ListEntry {
  /** The structure: its link less the link's offset in it. */
  readonly at: Va;
  readonly link: Va;
  /** Does the back pointer lead to the link before? Undefined when it cannot be read, or a single list has none. */
  readonly isLinkedBack: boolean | undefined;
}

/** How a list is walked: where the link is, and how far. */
export interface ListWalk {
  readonly pointerSize: 4 | 8;
  /** Bytes from the beginning of the structure to its link. */
  readonly linkOffset?: number;
  /** Entries at most. */
  readonly limit?: number;
}

const usualLimit = 0x1_0000;

/**
 * Walks a circular list of LIST_ENTRY links from its head, which is no entry itself. A wrong back pointer is reported
 * and does not end the walk: the forward links are what the kernel follows.
 */
export function* walkList(
  memory: VirtualMemory,
  head: Va,
  { pointerSize, linkOffset = 0, limit = usualLimit }: ListWalk,
): Generator<ListEntry, ListEnd> {
  const seen = new Set<Va>([head]);
  let wrongBackLinks = 0;
  let firstWrongBackLink: ListEnd['firstWrongBackLink'];
  let before = head;
  for (;;) {
    const count = seen.size - 1;
    const end = (kind: ListEndKind, fault?: Fault): ListEnd => ({
      kind,
      count,
      at: before,
      wrongBackLinks,
      ...(fault === undefined ? {} : { fault }),
      ...(firstWrongBackLink === undefined ? {} : { firstWrongBackLink }),
    });
    const link = readPointer(memory, before, pointerSize);
    if (link instanceof Fault) return end('unreadable', link);
    if (link === 0n) return end(before === head ? 'empty-head' : 'null');
    const back = readPointer(memory, wrap64(link + BigInt(pointerSize)), pointerSize);
    const isLinkedBack = back instanceof Fault ? undefined : back === before;
    if (isLinkedBack === false && (link === head || !seen.has(link))) {
      wrongBackLinks++;
      firstWrongBackLink ??= { at: link, found: back as Va, expected: before };
    }
    if (link === head) return end('complete');
    if (seen.has(link)) return end('cycle');
    if (count >= limit) return end('limit');
    seen.add(link);
    yield { at: wrap64(link - BigInt(linkOffset)), link, isLinkedBack };
    before = link;
  }
}

/** Walks a list of SINGLE_LIST_ENTRY links from the pointer at `head` on; a null pointer is its end. */
export function* walkSingleList(
  memory: VirtualMemory,
  head: Va,
  { pointerSize, linkOffset = 0, limit = usualLimit }: ListWalk,
): Generator<ListEntry, ListEnd> {
  const first = readPointer(memory, head, pointerSize);
  if (first instanceof Fault)
    return { kind: 'unreadable', count: 0, at: head, wrongBackLinks: 0, fault: first };
  return yield* walkChain(memory, first, { pointerSize, linkOffset, limit }, head);
}

/** The same from its first link on, for heads that are no plain pointer, as an SLIST_HEADER's. */
export function* walkChain(
  memory: VirtualMemory,
  first: Va,
  { pointerSize, linkOffset = 0, limit = usualLimit }: ListWalk,
  head = first,
): Generator<ListEntry, ListEnd> {
  const seen = new Set<Va>();
  let at = head;
  for (let link: Va | Fault = first; ; link = readPointer(memory, link, pointerSize)) {
    const count = seen.size;
    if (link instanceof Fault) return { kind: 'unreadable', count, at, wrongBackLinks: 0, fault: link };
    const kind = link === 0n ? 'complete' : seen.has(link) ? 'cycle' : count >= limit ? 'limit' : undefined;
    if (kind !== undefined) return { kind, count, at, wrongBackLinks: 0 };
    seen.add(link);
    yield { at: wrap64(link - BigInt(linkOffset)), link, isLinkedBack: undefined };
    at = link;
  }
}

function readPointer(memory: VirtualMemory, at: Va, pointerSize: 4 | 8): Va | Fault {
  if (pointerSize === 8) return memory.tryReadU64(at);
  const value = memory.tryReadU32(at);
  return value instanceof Fault ? value : signExtend32(value);
}

/** Half a sentence about a list that did not end as it should; undefined when it did. */
export function describeListEnd({
  kind,
  at,
  wrongBackLinks,
  firstWrongBackLink,
}: ListEnd): string | undefined {
  const where = at.toString(16);
  if (kind === 'unreadable') return `it is cut: the link at ${where} cannot be read`;
  if (kind === 'cycle') return `it runs in a circle behind the link at ${where}`;
  if (kind === 'null') return `it is cut: the link at ${where} is null`;
  if (kind === 'empty-head') return `its head at ${where} is null`;
  if (kind === 'limit') return `it is longer than the limit; the link at ${where} was the last`;
  if (wrongBackLinks === 0) return undefined;
  return `the link at ${firstWrongBackLink!.at.toString(16)} does not point back to the one before it`;
}
