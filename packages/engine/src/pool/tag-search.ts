import { operandText } from '../disasm/index.ts';
import type { TaggedInstruction } from './tag-call.ts';
import type { TagCode } from './tag-code.ts';
import { TagFlow } from './tag-flow.ts';
import { functionStarts } from './tag-function-start.ts';
import type { KeptTag, WantedTag } from './tag-memory.ts';
import { findCalls, findReferences, type Reference } from './tag-references.ts';
import type { FlowSummary, FlowUse } from './tag-summary.ts';
import type { SomeBytes } from './tag-windows.ts';

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
  readonly #uses: FlowUse[] = [];
  readonly #loads = new Map<number, KeptTag>();
  readonly #returning = new Set<number>();
  /** What only looks like an instruction: text between functions, bytes of other instructions. */
  readonly #stray = new Set<number>();

  constructor(
    code: TagCode,
    values: ReadonlySet<number>,
    read: () => Generator<{ readonly start: number } & SomeBytes>,
  ) {
    this.#code = code;
    this.#values = values;
    this.#read = read;
  }

  /** `seeds` are instructions with the tag, `places` words of data with it. */
  *follow(seeds: readonly TagSeed[], places: readonly number[]): Generator<undefined, FollowedTag[]> {
    for (const seed of seeds) this.#seeds.set(this.#rvaOf(seed), seed);
    const references = this.#references({ places, reach: tableReach });
    const wanted = this.#wanted({ places, objects: references.map(({ target }) => target) });
    const flow = new TagFlow(this.#code, wanted);
    const starts = [...wanted.seeds.keys(), ...references.map(({ at }) => at)];
    yield* this.#followAll(flow, starts);
    if (!this.#allocates()) yield* this.#followStored(flow);
    return this.#found();
  }

  #rvaOf(seed: TagSeed): number {
    return this.#code.rvaOf(seed.instruction.address);
  }

  #wanted(more: Partial<WantedTag>): WantedTag {
    const seeds = [...this.#seeds]
      .filter(([, seed]) => !isComparison(seed))
      .map(
        ([id, { last, isSwapped, shift }]) =>
          [this.#code.rvaOf(last), { id, isSwapped: isSwapped === true, shift: shift ?? 0 }] as const,
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

  /** The functions around these places, each once, from its beginning; else from the place itself. */
  *#followAll(flow: TagFlow, places: readonly number[]): Generator<undefined> {
    const followed = new Set<number>();
    for (const at of places) {
      if (followed.size >= mostFunctions) break;
      for (const start of flow.isVisited(at) ? [] : functionStarts(this.#code, at)) {
        if (followed.has(start)) continue;
        followed.add(start);
        this.#note(start, flow.followFunction(start));
        yield undefined;
        if (flow.isVisited(at)) break;
      }
      if (!this.#seedAt(at)) continue;
      if (this.#code.isOutsideFunctions(at) || flow.isInsideOther(at)) this.#stray.add(at);
      if (flow.isVisited(at)) continue;
      this.#note(undefined, flow.followFrom(at));
    }
    for (const [at, kept] of flow.memory.loads) this.#loads.set(at, kept);
  }

  #seedAt(at: number): boolean {
    for (const seed of this.#seeds.values()) if (this.#code.rvaOf(seed.last) === at) return true;
    return false;
  }

  #note(start: number | undefined, { uses, result }: FlowSummary): void {
    this.#uses.push(...uses);
    if (start !== undefined && result?.kind === 'tag' && !result.swapped) this.#returning.add(start);
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
    const flow = new TagFlow(this.#code, wanted);
    for (const at of calls) this.#loads.set(at, 'result');
    yield* this.#followAll(flow, starts);
  }

  #references(to: Parameters<typeof findReferences>[3]): Reference[] {
    if (to.places.length === 0) return [];
    return [...this.#read()].flatMap(({ bytes, start }) => findReferences(this.#code, bytes, start, to));
  }

  #calls(targets: ReadonlySet<number>): number[] {
    return [...this.#read()].flatMap(({ bytes, start }) => findCalls(this.#code, bytes, start, targets));
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
    return [...numbers.filter(isCode), ...this.#foundLoads()].sort((a, b) => a.at - b.at);
  }

  #isStray(seed: TagSeed): boolean {
    const last = this.#code.rvaOf(seed.last);
    return this.#stray.has(last) || (isComparison(seed) && this.#code.isOutsideFunctions(last));
  }

  /** A load of the tag counts only where it gets to a function that takes one. */
  #foundLoads(): FollowedTag[] {
    return [...this.#loads].flatMap(([at, kept]) => {
      const use = this.#bestUse(at);
      const instruction = this.#code.decode(at);
      if (use?.taker === undefined || instruction === undefined || this.#seeds.has(at)) return [];
      const text = `${instruction.mnemonic} ${operandText(instruction, () => undefined)}`.trimEnd();
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

const isComparison = ({ instruction }: TagSeed): boolean => instruction.mnemonic === 'cmp';

function rankOf({ taker, through }: FlowUse): number {
  const use = taker === undefined ? 0 : { allocates: 6, frees: 4, references: 2 }[taker.use];
  return use - through.length / 100;
}
