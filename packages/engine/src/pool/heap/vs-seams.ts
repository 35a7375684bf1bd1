import type { Va } from '../../base/index.ts';
import type { Chain } from '../chains.ts';
import type { ExpectedChunk, HeapExtent, HeapProblem, HeapRule, VsChunk } from './heap-block.ts';
import type { VsBytes } from './vs-bytes.ts';
import { leastUnits, type VsCode, vsUnit } from './vs-code.ts';
import { firstUnit } from './vs-test.ts';

/** What was found between two chains of a subsegment. */
export interface VsSeam {
  readonly problems: readonly HeapProblem[];
  readonly unexplained: readonly HeapExtent[];
  readonly expected: readonly ExpectedChunk[];
}

const noSeam: VsSeam = { problems: [], unexplained: [], expected: [] };

/** The bytes of a subsegment with what decodes them; `end` is the unit behind its last chunk. */
export interface VsText {
  readonly sub: VsBytes;
  readonly code: VsCode;
  readonly end: number;
  /** Are links of free chunks not encoded, so that they can be looked at? */
  readonly hasPlainNodes: boolean;
}

/** Between every two chains, before the first and behind the last. */
export function vsSeams(text: VsText, chains: readonly Chain[]): VsSeam {
  if (chains.length === 0) return noChain(text);
  const seams = [undefined, ...chains].map((left, at) => new SeamFinder(text, left, chains[at]).find());
  return {
    problems: seams.flatMap(({ problems }) => problems),
    unexplained: seams.flatMap(({ unexplained }) => unexplained),
    expected: seams.flatMap(({ expected }) => expected),
  };
}

/** The header at a unit; undefined where it is missing. */
export function chunkAt({ sub, code }: VsText, unit: number): VsChunk | undefined {
  if (sub.present[unit] !== 1) return undefined;
  return code.decode(sub.bytes, unit * vsUnit, sub.address + BigInt(unit * vsUnit));
}

function noChain(text: VsText): VsSeam {
  const { sub, end } = text;
  if (end <= firstUnit) return noSeam;
  const start = sub.address + BigInt(firstUnit * vsUnit);
  const isMissing = sub.present[firstUnit] !== 1;
  const extent: HeapExtent = {
    start,
    end: sub.address + BigInt(end * vsUnit),
    reason: isMissing ? 'missing' : 'damaged',
  };
  const found = chunkAt(text, firstUnit);
  return isMissing
    ? { ...noSeam, unexplained: [extent] }
    : {
        problems: [{ rule: 'vs-no-header', at: start }],
        unexplained: [extent],
        expected: [{ at: start, previousSize: 0, size: undefined, found }],
      };
}

class SeamFinder {
  readonly #text: VsText;
  readonly #left: Chain | undefined;
  readonly #right: Chain | undefined;

  constructor(text: VsText, left: Chain | undefined, right: Chain | undefined) {
    this.#text = text;
    this.#left = left;
    this.#right = right;
  }

  find(): VsSeam {
    const [left, right] = [this.#left, this.#right];
    if (right === undefined) return left?.reachesEnd === true ? noSeam : this.#unended();
    if (left === undefined) return right.first === firstUnit ? noSeam : this.#unstarted(right);
    if (right.first === left.end) return this.#wrongBack(left, right);
    if (right.back === left.last) return this.#wrongSize(left, right);
    return this.#gap(left, right);
  }

  /** The header behind a chunk does not name its size. */
  #wrongBack(left: Chain, right: Chain): VsSeam {
    const found = this.#header(right.first)!;
    const previousSize = bytesOf(left.end - left.last);
    return {
      problems: [this.#problem('vs-previous-size', right.first, found.previousSize, previousSize)],
      unexplained: [this.#extent(right.first, right.first + 1, 'damaged')],
      expected: [{ at: found.address, previousSize, size: found.size, found }],
    };
  }

  /** What follows leads back to the last chunk, which names another size. */
  #wrongSize(left: Chain, right: Chain): VsSeam {
    const found = this.#header(left.last)!;
    const size = bytesOf(right.first - left.last);
    return {
      problems: [this.#problem('vs-size', left.last, found.size, size)],
      unexplained: [this.#extent(left.last, left.last + 1, 'damaged')],
      expected: [{ at: found.address, previousSize: found.previousSize, size, found }],
    };
  }

  /** One chunk or more without headers that make sense. */
  #gap(left: Chain, right: Chain): VsSeam {
    // A last chunk that reaches over the next chain has lost its size too.
    const start = left.end <= right.first ? left.end : left.last;
    const isOne = right.back === left.end;
    const size = isOne ? bytesOf(right.first - start) : undefined;
    const behind = start === left.end ? this.#expect(start, bytesOf(left.end - left.last), size) : [];
    const rule = start === left.end ? (isOne ? 'vs-header' : this.#ruleAt(start)) : 'vs-size';
    return this.#lost(start, right.first, rule, [...behind, ...this.#before(start, right)]);
  }

  #unstarted(right: Chain): VsSeam {
    const size = right.leadsToStart ? bytesOf(right.first - firstUnit) : undefined;
    const first = this.#expect(firstUnit, 0, size);
    const rule = right.leadsToStart ? 'vs-header' : 'vs-no-header';
    return this.#lost(firstUnit, right.first, rule, [...first, ...this.#before(firstUnit, right)]);
  }

  /** Nothing makes sense any more up to the end. */
  #unended(): VsSeam {
    const left = this.#left!;
    const expected = this.#expect(left.end, bytesOf(left.end - left.last), undefined);
    return this.#lost(left.end, this.#text.end, this.#ruleAt(left.end), expected);
  }

  /** The chunk that `right` names, inside of the gap. */
  #before(start: number, { back, first }: Chain): ExpectedChunk[] {
    return back > start && back < first ? this.#expect(back, undefined, bytesOf(first - back)) : [];
  }

  /** Damage, unless the header that would tell is only missing. */
  #lost(start: number, end: number, rule: HeapRule, expected: readonly ExpectedChunk[]): VsSeam {
    if (this.#header(start) === undefined)
      return { ...noSeam, unexplained: [this.#extent(start, end, 'missing')] };
    const unexplained = [this.#extent(start, end, 'damaged')];
    return { problems: [this.#problem(rule, start)], unexplained, expected };
  }

  /** What is wrong with a header that is no part of a chain. */
  #ruleAt(unit: number): HeapRule {
    const found = this.#header(unit);
    const left = this.#left;
    if (found === undefined || left === undefined) return 'vs-no-header';
    if (found.previousSize !== bytesOf(left.end - left.last)) return 'vs-no-header';
    if (found.size < bytesOf(leastUnits)) return 'vs-size-zero';
    return bytesOf(unit) + found.size > bytesOf(this.#text.end) ? 'vs-size-past-end' : 'vs-no-header';
  }

  #expect(unit: number, previousSize: number | undefined, size: number | undefined): ExpectedChunk[] {
    const found = this.#header(unit);
    return found === undefined ? [] : [{ at: this.#va(unit), previousSize, size, found }];
  }

  #problem(rule: HeapRule, unit: number, found?: number, expected?: number): HeapProblem {
    const at = this.#va(unit);
    return found === undefined || expected === undefined
      ? { rule, at }
      : { rule, at, found: BigInt(found), expected: BigInt(expected) };
  }

  #header(unit: number): VsChunk | undefined {
    return chunkAt(this.#text, unit);
  }

  #extent(start: number, end: number, reason: HeapExtent['reason']): HeapExtent {
    return { start: this.#va(start), end: this.#va(end), reason };
  }

  #va(unit: number): Va {
    return this.#text.sub.address + BigInt(unit * vsUnit);
  }
}

const bytesOf = (units: number): number => units * vsUnit;
