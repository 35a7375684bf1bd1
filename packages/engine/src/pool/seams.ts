import type { Chain } from './chains.ts';
import type { PoolFormat } from './format.ts';
import { decodeHeader, type PoolHeader } from './header.ts';
import type { ExpectedHeader, PoolProblem, UnexplainedExtent } from './page.ts';
import { hasBytes, type PageBytes } from './page-bytes.ts';

/** What was found between two chains of a page. */
export interface Seam {
  readonly problems: readonly PoolProblem[];
  readonly unexplained: readonly UnexplainedExtent[];
  readonly expected: readonly ExpectedHeader[];
}

export const noSeam: Seam = { problems: [], unexplained: [], expected: [] };

/** Compares what two chains that follow each other say of what is between them; one of them may be the page's edge. */
export function compareChains(
  page: PageBytes,
  format: PoolFormat,
  left: Chain | undefined,
  right: Chain | undefined,
): Seam {
  return new SeamFinder(page, format, left, right).find();
}

class SeamFinder {
  readonly #page: PageBytes;
  readonly #format: PoolFormat;
  readonly #left: Chain | undefined;
  readonly #right: Chain | undefined;

  constructor(page: PageBytes, format: PoolFormat, left: Chain | undefined, right: Chain | undefined) {
    this.#page = page;
    this.#format = format;
    this.#left = left;
    this.#right = right;
  }

  find(): Seam {
    const [left, right] = [this.#left, this.#right];
    if (right === undefined) return left?.reachesEnd === true ? noSeam : this.#unended();
    if (left === undefined) return right.first === 0 || right.isTail ? noSeam : this.#unstarted(right);
    if (right.first === left.end) return this.#wrongBack(left, right);
    if (right.back === left.last) return this.#wrongSize(left, right);
    return this.#gap(left, right);
  }

  /** The header behind a block does not name its size. */
  #wrongBack(left: Chain, right: Chain): Seam {
    const previousSize = this.#bytes(left.end - left.last);
    const found = this.#header(right.first)!;
    const problem = this.#problem('previous-size', right.first, found.previousSize, previousSize);
    return {
      problems: [problem],
      unexplained: [this.#extent(right.first, right.first + 1)],
      expected: [{ at: problem.at, previousSize, size: found.size, index: undefined, found }],
    };
  }

  /** What follows leads back to the last block, which names another size. */
  #wrongSize(left: Chain, right: Chain): Seam {
    const size = this.#bytes(right.first - left.last);
    const found = this.#header(left.last)!;
    const problem = this.#problem('size', left.last, found.size, size);
    return {
      problems: [problem],
      unexplained: [this.#extent(left.last, left.last + 1)],
      expected: [{ at: problem.at, previousSize: found.previousSize, size, index: undefined, found }],
    };
  }

  /** One block or more without headers that make sense. */
  #gap(left: Chain, right: Chain): Seam {
    // A last block that reaches over the next chain has lost its size too.
    const start = left.end <= right.first ? left.end : left.last;
    const isOne = right.back === left.end;
    const lastSize = this.#bytes(left.end - left.last);
    const behind =
      start === left.end
        ? this.#expect(start, lastSize, isOne ? this.#bytes(right.first - start) : undefined)
        : [];
    const hasBack = right.back > start && right.back < right.first;
    const before = hasBack ? this.#expect(right.back, undefined, this.#bytes(right.first - right.back)) : [];
    const rule = start === left.end ? (isOne ? 'header' : this.#ruleAt(start)) : 'size';
    return this.#lost(start, right.first, rule, [...behind, ...before]);
  }

  #unstarted(right: Chain): Seam {
    const start = this.#page.start ?? 0;
    const isOne = right.leadsToStart;
    const first = this.#expect(start, 0, isOne ? this.#bytes(right.first - start) : undefined);
    const before =
      right.back > start && right.back < right.first
        ? this.#expect(right.back, undefined, this.#bytes(right.first - right.back))
        : [];
    return this.#lost(start, right.first, start > 0 && isOne ? 'header' : 'start', [...first, ...before]);
  }

  /** Nothing makes sense any more up to the end of the page. */
  #unended(): Seam {
    const left = this.#left;
    if (left === undefined) return noSeam;
    const expected = this.#expect(left.end, this.#bytes(left.end - left.last), undefined);
    return this.#lost(left.end, this.#format.units, this.#ruleAt(left.end), expected);
  }

  /** Damage, unless the header that would tell is only missing. */
  #lost(start: number, end: number, rule: PoolProblem['rule'], expected: readonly ExpectedHeader[]): Seam {
    if (this.#header(start) === undefined)
      return {
        problems: [],
        unexplained: [{ ...this.#extent(start, end), reason: 'missing' }],
        expected: [],
      };
    return { problems: [this.#problem(rule, start)], unexplained: [this.#extent(start, end)], expected };
  }

  /** What is wrong with a header that is no part of a chain. */
  #ruleAt(unit: number): PoolProblem['rule'] {
    const found = this.#header(unit);
    const last = this.#left;
    if (found === undefined || last === undefined) return 'no-header';
    if (found.previousSize !== this.#bytes(last.end - last.last)) return 'no-header';
    if (found.size === 0) return 'size-zero';
    return this.#bytes(unit) + found.size > this.#bytes(this.#format.units) ? 'size-past-page' : 'no-header';
  }

  #expect(unit: number, previousSize: number | undefined, size: number | undefined): ExpectedHeader[] {
    const found = this.#header(unit);
    return found === undefined ? [] : [{ at: this.#va(unit), previousSize, size, index: undefined, found }];
  }

  #problem(rule: PoolProblem['rule'], unit: number, found?: number, expected?: number): PoolProblem {
    const at = this.#va(unit);
    return found === undefined || expected === undefined
      ? { rule, at }
      : { rule, at, found: BigInt(found), expected: BigInt(expected) };
  }

  #header(unit: number): PoolHeader | undefined {
    const at = this.#bytes(unit);
    return hasBytes(this.#page, at, 8) ? decodeHeader(this.#page.bytes, at, this.#format) : undefined;
  }

  #extent(start: number, end: number): UnexplainedExtent {
    return { start: this.#va(start), end: this.#va(end), reason: 'damaged' };
  }

  #va(unit: number): bigint {
    return this.#page.address + BigInt(this.#bytes(unit));
  }

  #bytes(units: number): number {
    return units * this.#format.unit;
  }
}
