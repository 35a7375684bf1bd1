import { operandText } from '../../disasm/index.ts';
import type { TaggedInstruction } from './call.ts';
import type { TagCode } from './code.ts';
import { isContextTag } from './contexts.ts';
import { type FlowBudget, TagFlow } from './flow.ts';
import { functionStarts } from './function-start.ts';
import type { KeptTag, WantedTag } from './memory.ts';
import { findCalls, findReferences, mostReferences, type Reference, type Referenced } from './references.ts';
import type { FlowSummary, FlowUse } from './summary.ts';
import type { SomeBytes } from './windows.ts';

/** An instruction with the tag as a number. */
export interface TagSeed extends TaggedInstruction {
  readonly isProtected: boolean;
}

/** An instruction that has or loads the tag, and the call that gets it. */
export interface FollowedTag {
  /** RVA. */
  readonly at: number;
  readonly text: string;
  readonly isComparison: boolean;
  readonly isProtected: boolean;
  /** Undefined: the tag is a number in the instruction. */
  readonly kept: KeptTag | undefined;
  readonly use: FlowUse | undefined;
}

/** Functions that are followed for one tag in one image, and elements behind the start of a table that may be meant. */
const [mostFunctions, tableReach] = [96, 0x400];
const mostStored = 16;

/** Follows one tag through one image. Yields between functions. */
export class TagSearch {
  readonly #code: TagCode;
  readonly #values: ReadonlySet<number>;
  readonly #read: () => Generator<{ readonly start: number } & SomeBytes>;
  readonly #seeds = new Map<number, TagSeed>();
  readonly #budget: FlowBudget;
  #contexts: readonly FollowedTag[] = [];
  readonly #uses: FlowUse[] = [];
  readonly #loads = new Map<number, KeptTag>();
  readonly #returning = new Set<number>();
  /** Where instructions with the tag begin that were read in another way at first. */
  readonly #readAs = new Map<number, number>();
  /** What only looks like an instruction: text between functions, bytes of other instructions. */
  readonly #stray = new Set<number>();

  constructor(
    code: TagCode,
    values: ReadonlySet<number>,
    read: () => Generator<{ readonly start: number } & SomeBytes>,
    budget: FlowBudget,
  ) {
    this.#budget = budget;
    this.#code = code;
    this.#values = values;
    this.#read = read;
  }

  /** `seeds` are instructions with the tag, `places` words of data with it. What it finds is in the order of the image. */
  *follow(seeds: readonly TagSeed[], places: readonly number[]): Generator<undefined, FollowedTag[]> {
    for (const seed of seeds) this.#seeds.set(this.#rvaOf(seed), seed);
    this.#contexts = places.filter((at) => isContextTag(this.#code, at)).map(contextAt);
    const references = this.#code.mayAllocate ? this.#references({ places, reach: tableReach }) : [];
    const wanted = this.#wanted({ places, objects: references.map(({ target }) => target) });
    const flow = new TagFlow(this.#code, wanted, this.#budget);
    // The last byte of a seed is its own, however it is read.
    const ends = [...this.#seeds.values()].map((seed) => this.#endOf(seed) - 1);
    yield* this.#followAll(flow, [...ends, ...references.map(({ at }) => at)]);
    for (const [id, at] of flow.planted) this.#readAs.set(id, at);
    if (!this.#allocates()) yield* this.#followStored(flow);
    return this.#found();
  }

  #rvaOf(seed: TagSeed): number {
    return this.#code.rvaOf(seed.instruction.address);
  }

  /** RVA behind the instruction that makes the value whole: a prefix before it may be read as another instruction. */
  #endOf({ last, instruction }: TagSeed): number {
    return this.#code.rvaOf(last) + instruction.length;
  }

  #wanted(more: Partial<WantedTag>): WantedTag {
    const seeds = [...this.#seeds]
      .filter(([, seed]) => !isComparison(seed))
      .map(
        ([id, seed]) =>
          [this.#endOf(seed), { id, isSwapped: seed.isSwapped === true, shift: seed.shift ?? 0 }] as const,
      );
    const none = new Set<number>();
    return {
      values: this.#values,
      seeds: new Map(seeds),
      returning: none,
      variables: none,
      members: none,
      places: [],
      objects: [],
      ...more,
    };
  }

  /** From each seed on as far as it leads, and whole functions where that does not find an allocation. */
  *#followAll(flow: TagFlow, places: readonly number[]): Generator<undefined> {
    const followed = new Set<number>();
    for (const at of places) {
      if (followed.size >= mostFunctions) break;
      const seed = this.#seedAt(at);
      const quick = seed === undefined || isComparison(seed) ? undefined : this.#followOn(flow, seed);
      if (quick?.some(({ taker }) => taker?.use === 'allocates') === true) continue;
      yield* this.#followFunctionAround(flow, at, followed);
      if (seed === undefined) continue;
      if (quick !== undefined && !flow.isVisited(at)) this.#uses.push(...quick);
      if (this.#code.isOutsideFunctions(this.#code.rvaOf(seed.last)) || flow.isInsideOther(at))
        this.#stray.add(at);
    }
    for (const [at, kept] of flow.memory.loads) this.#loads.set(at, kept);
  }

  /** Calls that get the tag of one instruction. Of those that nothing is known of, what stands before may tell more. */
  #followOn(flow: TagFlow, seed: TagSeed): readonly FlowUse[] {
    const { uses } = flow.followFrom(this.#code.rvaOf(seed.last));
    this.#uses.push(...uses.filter(({ taker }) => taker !== undefined));
    return uses;
  }

  *#followFunctionAround(flow: TagFlow, at: number, followed: Set<number>): Generator<undefined> {
    for (const start of flow.isVisited(at) ? [] : functionStarts(this.#code, at)) {
      if (followed.has(start)) continue;
      followed.add(start);
      this.#note(start, flow.followFunction(start));
      yield undefined;
      if (flow.isVisited(at)) return;
    }
  }

  #seedAt(at: number): TagSeed | undefined {
    for (const seed of this.#seeds.values()) if (this.#endOf(seed) - 1 === at) return seed;
    return undefined;
  }

  #note(start: number, { uses, result }: FlowSummary): void {
    this.#uses.push(...uses);
    if (result?.kind === 'tag' && !result.swapped) this.#returning.add(start);
  }

  #allocates(): boolean {
    return this.#uses.some(({ taker }) => taker?.use === 'allocates');
  }

  /** The tag was put into a variable or a structure, or given back: those who take it from there. */
  *#followStored(before: TagFlow): Generator<undefined> {
    const variables = new Set([...before.memory.storedVariables].slice(0, mostStored));
    const members = new Set([...before.memory.storedMembers].slice(0, mostStored));
    if (variables.size + members.size + this.#returning.size === 0) return;
    const calls = this.#returning.size === 0 ? [] : this.#calls(this.#returning);
    const allocators = [...this.#code.takerSlots].filter(([, { use }]) => use === 'allocates');
    const slots = members.size === 0 ? [] : allocators.map(([rva]) => rva);
    const references = this.#references({ places: [...variables, ...slots], reach: 0 });
    const starts = [...calls, ...references.map(({ at }) => at)];
    const wanted = this.#wanted({ seeds: new Map(), returning: new Set(calls), variables, members });
    const flow = new TagFlow(this.#code, wanted, this.#budget);
    for (const at of calls) this.#loads.set(at, 'result');
    yield* this.#followAll(flow, starts);
  }

  #references(to: Referenced): Reference[] {
    const found: Reference[] = [];
    if (to.places.length === 0) return found;
    for (const { bytes, start } of this.#read()) {
      found.push(...findReferences(this.#code, bytes, start, to));
      if (found.length >= mostReferences) break;
    }
    return found;
  }

  #calls(targets: ReadonlySet<number>): number[] {
    const found: number[] = [];
    for (const { bytes, start } of this.#read()) {
      found.push(...findCalls(this.#code, bytes, start, targets));
      if (found.length >= mostReferences) break;
    }
    return found;
  }

  #found(): FollowedTag[] {
    const numbers = [...this.#seeds].map(([at, seed]) => ({
      at,
      text: seed.text,
      isComparison: isComparison(seed),
      isProtected: seed.isProtected,
      kept: undefined,
      use: this.#bestUse(at),
    }));
    const isCode = ({ at, use }: FollowedTag): boolean =>
      use?.taker !== undefined || !this.#isStray(this.#seeds.get(at)!);
    const found = numbers.filter(isCode).map((each) => this.#asRead(each));
    return [...found, ...this.#foundLoads(), ...this.#contexts].sort((a, b) => a.at - b.at);
  }

  #asRead(found: FollowedTag): FollowedTag {
    const at = this.#readAs.get(found.at) ?? found.at;
    const text = at === found.at ? undefined : this.#textAt(at);
    return text === undefined ? found : { ...found, at, text };
  }

  #textAt(at: number): string | undefined {
    const instruction = this.#code.decode(at);
    return instruction === undefined
      ? undefined
      : `${instruction.mnemonic} ${operandText(instruction, () => undefined)}`.trimEnd();
  }

  #isStray(seed: TagSeed): boolean {
    return this.#stray.has(this.#endOf(seed) - 1);
  }

  /** A load of the tag counts only where it gets to a function that takes one. */
  #foundLoads(): FollowedTag[] {
    return [...this.#loads].flatMap(([at, kept]) => {
      const use = this.#bestUse(at);
      const text = this.#textAt(at);
      if (use?.taker === undefined || text === undefined || this.#seeds.has(at)) return [];
      return [{ at, text, isComparison: false, isProtected: false, kept, use }];
    });
  }

  /** Of several uses the one that tells most: who allocates goes before who frees. */
  #bestUse(seed: number): FlowUse | undefined {
    let best: FlowUse | undefined;
    for (const use of this.#uses)
      if (use.seeds.includes(seed) && (best === undefined || rankOf(use) > rankOf(best))) best = use;
    return best;
  }
}

const contextAt = (at: number): FollowedTag => ({
  at,
  text: 'FLT_CONTEXT_REGISTRATION.PoolTag',
  isComparison: false,
  isProtected: false,
  kept: 'contexts',
  use: undefined,
});

const isComparison = ({ instruction }: TagSeed): boolean => instruction.mnemonic === 'cmp';

function rankOf({ taker, through }: FlowUse): number {
  const use = taker === undefined ? 0 : { allocates: 6, frees: 4, references: 2 }[taker.use];
  return use - through.length / 100;
}
