import type { Va } from '../base/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import { cleanRuns, endsRun, isPadding } from './code-gaps.ts';
import { type CodeRow, type ReadCode, readRow } from './code-rows.ts';
import { type CodePart, type FunctionExtent, findFunction } from './function-extent.ts';

/** Instructions without a branch in between and without one into them. */
export interface CodeBlock {
  readonly start: Va;
  readonly rows: readonly CodeRow[];
  /** Does a direct branch, or the code before, lead here? False for code that only its place makes part of the function. */
  readonly isReached: boolean;
}

/** A function with all its parts, disassembled. */
export interface FunctionListing {
  readonly start: Va;
  readonly knownBy: FunctionExtent['knownBy'];
  /** In the order of the function: from its start up, then parts that lie before it. */
  readonly blocks: readonly CodeBlock[];
  readonly instructionCount: number;
  /** What of the function may not be shown, one plain sentence each. */
  readonly problems: readonly string[];
}

const maxInstructions = 0x1_0000;
const maxProblems = 16;
/** Bytes that are searched for code which no branch leads to. */
const maxGapBytes = 0x20_0000;
const stepInstructions = 256;

/**
 * All code of the function around `va`: branches are followed from its start, as far as its extent goes; what lies in a
 * part of the function table without being reached is added when it is clean code. Yields the instructions read.
 */
export function* listFunction(
  system: CrashedSystem,
  va: Va,
  read: ReadCode = (at, length) => system.memory.tryRead(at, length),
): Generator<number, FunctionListing> {
  const extent = findFunction(system, va);
  const walk = new FunctionWalk(system, extent, read);
  yield* walk.follow(extent.start);
  if (extent.knownBy === 'function table') yield* walk.fillGaps();
  return walk.result();
}

class FunctionWalk {
  readonly #system: CrashedSystem;
  readonly #extent: FunctionExtent;
  readonly #read: ReadCode;
  readonly #rows = new Map<Va, CodeRow>();
  readonly #leaders = new Set<Va>();
  readonly #unreached = new Set<Va>();
  readonly #parts = new Map<Va, CodePart>();
  readonly #problems = new Set<string>();
  #gapBytes = 0;

  constructor(system: CrashedSystem, extent: FunctionExtent, read: ReadCode) {
    this.#system = system;
    this.#extent = extent;
    this.#read = read;
    if (extent.first !== undefined) this.#parts.set(extent.first.start, extent.first);
  }

  /** Reads what can be reached from `start` by direct branches inside of the function. */
  *follow(start: Va): Generator<number> {
    const open = [start];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      this.#leaders.add(next);
      yield* this.#followRun(next, open);
    }
  }

  *#followRun(from: Va, open: Va[]): Generator<number> {
    let at = from;
    while (!this.#rows.has(at) && this.#partAt(at) !== undefined) {
      if (this.#rows.size >= maxInstructions) {
        this.#complain(`the listing ends after ${maxInstructions} instructions`);
        return;
      }
      const row = this.#rowAt(at);
      if (row.missing !== undefined) this.#complain(`code at ${this.#text(at)} is not there: ${row.missing}`);
      else if (row.instruction === undefined)
        this.#complain(`the bytes at ${this.#text(at)} are no instruction`);
      this.#rows.set(at, row);
      if (this.#rows.size % stepInstructions === 0) yield this.#rows.size;
      const next = at + BigInt(row.length);
      if (this.#branches(row, next, open) || endsRun(row, this.#rows)) return;
      at = next;
    }
  }

  /** Notes where a branch leads; true when the code behind it begins another block. */
  #branches({ instruction }: CodeRow, next: Va, open: Va[]): boolean {
    if (instruction === undefined) return true;
    const { flow, target } = instruction;
    if (flow !== 'branch' && flow !== 'conditional-branch') return false;
    if (target !== undefined && this.#partAt(target) !== undefined) open.push(target);
    if (flow === 'conditional-branch' && this.#partAt(next) !== undefined) open.push(next);
    return true;
  }

  /** Code of the function's parts that no direct branch leads to: targets of jump tables, handlers. */
  *fillGaps(): Generator<number> {
    for (const part of this.#parts.values()) {
      for (let at = part.start; at < part.end; ) {
        const known = this.#rows.get(at);
        if (known !== undefined) at += BigInt(known.length);
        else at = yield* this.#fillGap(at, part.end);
        if (this.#gapBytes > maxGapBytes) return;
      }
    }
  }

  /** Reads the code in the gap at `start`, if there is any; gives where to look on. */
  *#fillGap(start: Va, limit: Va): Generator<number, Va> {
    const { rows, end } = this.#readGap(start, limit);
    const runs = cleanRuns(this.#system.machine, rows);
    const run = runs.find((each) => each.every((row) => this.#fits(row, start, end)));
    const next = run?.[0]?.address;
    this.#complainOf(rows.filter(({ address }) => next === undefined || address < next));
    if (next === undefined) return end;
    this.#unreached.add(next);
    yield* this.follow(next);
    return this.#rows.has(next) ? next : end;
  }

  /** Linear decoding up to the next known instruction. */
  #readGap(start: Va, limit: Va): { rows: CodeRow[]; end: Va } {
    let end = start + 1n;
    while (end < limit && !this.#rows.has(end)) end++;
    this.#gapBytes += Number(end - start);
    const rows: CodeRow[] = [];
    for (let at = start; at < end && this.#rows.size + rows.length < maxInstructions; ) {
      const row = this.#rowAt(at);
      at += BigInt(row.length);
      // An instruction that reaches into a known one is none.
      rows.push(at > end ? { ...row, length: Number(end - row.address), instruction: undefined } : row);
    }
    return { rows, end };
  }

  #complainOf(rows: readonly CodeRow[]): void {
    const [first] = rows;
    if (first === undefined || rows.every(isPadding)) return;
    const size = rows.reduce((sum, { length }) => sum + length, 0);
    const why =
      rows.find(({ missing }) => missing !== undefined)?.missing ??
      'no branch leads there and they are no clean code';
    this.#complain(`${size} bytes at ${this.#text(first.address)} are not shown: ${why}`);
  }

  /** Does a branch of unreached code lead to an instruction that is known, or into the same gap, or out of the function? */
  #fits({ instruction }: CodeRow, start: Va, end: Va): boolean {
    const target = instruction?.target;
    if (target === undefined || this.#rows.has(target) || (target >= start && target < end)) return true;
    const part = this.#partAt(target);
    return part === undefined || part.start === target;
  }

  result(): FunctionListing {
    const rows = [...this.#rows.values()].sort((a, b) => this.#compare(a.address, b.address));
    const blocks: { start: Va; rows: CodeRow[]; isReached: boolean }[] = [];
    let end: Va | undefined;
    for (const row of rows) {
      const isNew = end !== row.address || this.#leaders.has(row.address);
      if (isNew) blocks.push({ start: row.address, rows: [], isReached: !this.#unreached.has(row.address) });
      blocks.at(-1)!.rows.push(row);
      end = row.address + BigInt(row.length);
    }
    return {
      start: this.#extent.start,
      knownBy: this.#extent.knownBy,
      blocks,
      instructionCount: rows.filter((row) => row.instruction !== undefined).length,
      problems: [...this.#problems],
    };
  }

  /** The function's own order: parts before its start come last. */
  #compare(a: Va, b: Va): number {
    const isLate = (va: Va) => va < this.#extent.start;
    if (isLate(a) !== isLate(b)) return isLate(a) ? 1 : -1;
    return a < b ? -1 : a > b ? 1 : 0;
  }

  #rowAt(va: Va): CodeRow {
    return readRow(this.#system.disassembler!, this.#read, va);
  }

  #partAt(va: Va): CodePart | undefined {
    for (const part of this.#parts.values()) if (va >= part.start && va < part.end) return part;
    const part = this.#extent.partAt(va);
    if (part !== undefined) this.#parts.set(part.start, part);
    return part;
  }

  #complain(problem: string): void {
    if (this.#problems.size < maxProblems) this.#problems.add(problem);
  }

  #text(va: Va): string {
    return this.#system.addressText(va);
  }
}
