import { type Va, wrap64 } from '../base/index.ts';
import type { VirtualMemory } from '../mmu/index.ts';
import { type ListEnd, walkList } from '../types/index.ts';
import { pointerOf, readWords } from './pointers.ts';

/** One element of a linked list, as words from its link on. */
export interface ListElement {
  readonly address: Va;
  readonly words: readonly (bigint | undefined)[];
}

/** A list of memory, walked by its links, and how it ended. */
export interface LinkedList {
  readonly elements: readonly ListElement[];
  /**
   * What ended it: it is back at its first element, a null pointer, an element other than the first that was met before, a
   * link that cannot be read, or the count that was asked for.
   */
  readonly end: 'start' | 'null' | 'cycle' | 'missing' | 'count';
  /** Where the last link leads. */
  readonly next: Va | undefined;
}

/** How the elements of a list are laid out, and how many are wanted. */
export interface ListOptions {
  readonly pointerSize: 4 | 8;
  /** Most elements. */
  readonly count: number;
  /** Words of an element. */
  readonly words: number;
  /** Follow the second word of each element, not the first. */
  readonly backwards?: boolean;
}

/** Follows a LIST_ENTRY or SINGLE_LIST_ENTRY list from its first element on. The caller bounds the counts. */
export function readLinkedList(memory: VirtualMemory, first: Va, options: ListOptions): LinkedList {
  const { pointerSize, count, backwards = false } = options;
  const elements: ListElement[] = [];
  const seen = new Set<Va>();
  const link = backwards ? 1 : 0;
  const wordsRead = Math.max(options.words, link + 1);
  let next: Va | undefined = first;
  while (elements.length < count) {
    const words = readWords(memory, next, wordsRead, pointerSize);
    elements.push({ address: next, words: words.slice(0, options.words) });
    seen.add(next);
    const value = words[link];
    next = value === undefined ? undefined : pointerOf(value, pointerSize);
    if (next === undefined) return { elements, end: 'missing', next };
    if (next === 0n) return { elements, end: 'null', next };
    if (seen.has(next)) return { elements, end: next === first ? 'start' : 'cycle', next };
  }
  return { elements, end: 'count', next };
}

/** A link whose Blink does not lead to the link before it. */
export interface WrongBackLink {
  readonly at: Va;
  /** Undefined: not in the dump. */
  readonly found: Va | undefined;
  readonly expected: Va;
}

/** A doubly linked list, walked and compared with its back pointers. */
export interface ListCheck {
  /** Links besides the head. */
  readonly count: number;
  readonly end: ListEnd;
  /** The first of them, in the order of the list. */
  readonly wrong: readonly WrongBackLink[];
}

/** Most links of a list, and most wrong ones that are listed. */
const longestList = 0x10_0000;
const mostWrong = 0x400;
const linksPerStep = 0x400;

/** Checks the links of a LIST_ENTRY list, forwards from its head; yields how many it has met. */
export function* checkList(
  memory: VirtualMemory,
  head: Va,
  pointerSize: 4 | 8,
): Generator<number, ListCheck> {
  const wrong: WrongBackLink[] = [];
  const walk = walkList(memory, head, { pointerSize, limit: longestList });
  let before = head;
  for (let step = walk.next(), count = 0; ; step = walk.next()) {
    if (step.done === true) {
      const back = step.value.kind === 'complete' ? backLink(memory, head, pointerSize) : before;
      if (back !== before) wrong.push({ at: head, found: back, expected: before });
      return { count: step.value.count, end: step.value, wrong };
    }
    const { link, isLinkedBack } = step.value;
    if (isLinkedBack !== true && wrong.length < mostWrong)
      wrong.push({ at: link, found: backLink(memory, link, pointerSize), expected: before });
    before = link;
    if (++count % linksPerStep === 0) yield count;
  }
}

function backLink(memory: VirtualMemory, link: Va, pointerSize: 4 | 8): Va | undefined {
  const value = readWords(memory, wrap64(link + BigInt(pointerSize)), 1, pointerSize)[0];
  return value === undefined ? undefined : pointerOf(value, pointerSize);
}
