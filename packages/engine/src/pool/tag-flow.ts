import type { Instruction } from '../disasm/index.ts';
import { argumentOf, type TagTaker } from './tables/tag-takers.ts';
import {
  afterCall,
  argumentPlace,
  fromCaller,
  seedsHandedOn,
  stateOfCallee,
  volatileRegisters,
} from './tag-arguments.ts';
import type { Destination, TagCode } from './tag-code.ts';
import {
  applyInstruction,
  behind,
  type FlowMemory,
  type MemoryPlace,
  placeOfMemory,
  stackPointerOf,
} from './tag-effects.ts';
import { dropArguments } from './tag-stack.ts';
import { findTarget, type Target } from './tag-target.ts';
import { FlowState, type FlowValue, isPlainTag } from './tag-value.ts';

/** How code comes by a tag that is no number in it. */
export type KeptTag =
  /** A place of the image that nobody can write to. */
  | 'constant'
  /** A place of the image that has the tag now. */
  | 'variable'
  /** One of several in a table of the image. */
  | 'table'
  /** A member of a structure; the same code puts the tag into one at the same offset. */
  | 'member'
  /** What a function gives back. */
  | 'result';

/** What is looked for. */
export interface WantedTag {
  readonly values: ReadonlySet<number>;
  /** Instructions that bring the tag in, by RVA; and what they are told as. */
  readonly seeds: ReadonlyMap<
    number,
    { readonly id: number; readonly isSwapped: boolean; readonly shift: number }
  >;
  /** Calls that give the tag back. */
  readonly returning: ReadonlySet<number>;
  /** Variables that get the tag while the code runs. */
  readonly variables: ReadonlySet<number>;
  /** Offsets of members that get it. */
  readonly members: ReadonlySet<number>;
  /** Words of data with the tag, and where the things begin that code names, by RVA. */
  readonly places: readonly number[];
  readonly objects: readonly number[];
}

/** A function on the way from the instruction to the one that takes the tag. */
export interface TagPassage {
  /** RVA of the call. */
  readonly at: number;
  /** RVA of the function that is called. */
  readonly target: number;
}

/** A call that gets the tag. */
export interface FlowUse {
  readonly seeds: readonly number[];
  /** RVA of the call or jump. */
  readonly at: number;
  readonly destination: Destination;
  readonly by: Target['by'];
  /** Undefined: what is called is not known. */
  readonly taker: TagTaker | undefined;
  /** Functions that hand it on, the first one first. */
  readonly through: readonly TagPassage[];
}

/** What became of the tag in one function and in those that it calls. */
export interface FlowSummary {
  readonly uses: FlowUse[];
  /** What it gives back. */
  result: FlowValue | undefined;
  /** x86: bytes of arguments that it takes from the stack; undefined where no return was seen. */
  popped: number | undefined;
  /** Registers that it writes to. */
  readonly changed: Set<string>;
  /** Not all of it could be followed. */
  isCut: boolean;
}

/** Instructions that are followed in one function, and in all for one tag and image. */
const mostSteps = 3000;
const mostStepsInAll = 40_000;
/** Functions one below the other. */
const mostDepth = 6;
const mostUses = 64;
/** Bytes behind the start of a table that one access may mean; a table ends where another thing begins. */
const tableReach = 0x400;
const [smallestSize, widestSize] = [4, 8];

/**
 * Follows a tag through code: from where it stands to the calls that get it, also through functions that hand it on, and
 * through the stack. Both ways of a branch are followed. What it cannot follow ends there: nothing is guessed.
 */
export class TagFlow implements FlowMemory {
  readonly pointerSize: 4 | 8;
  /** Places that the tag was put to: variables of the image, and offsets of members. */
  readonly storedVariables = new Set<number>();
  readonly storedMembers = new Set<number>();
  /** Loads that gave the tag, by RVA. */
  readonly loads = new Map<number, KeptTag>();
  readonly #code: TagCode;
  readonly #wanted: WantedTag;
  readonly #summaries = new Map<string, FlowSummary>();
  readonly #visited = new Set<number>();
  #left = mostStepsInAll;

  constructor(code: TagCode, wanted: WantedTag) {
    this.#code = code;
    this.#wanted = wanted;
    this.pointerSize = code.pointerSize;
  }

  /** Was the instruction at this RVA followed from the start of its function? */
  isVisited(rva: number): boolean {
    return this.#visited.has(rva);
  }

  /** A function from its first instruction on. */
  followFunction(start: number): FlowSummary {
    return this.#follow(start, stateOfCallee(new FlowState(), this.#code.disassembler.machine), 0);
  }

  /** From an instruction in the midst of a function, of which nothing before is known. */
  followFrom(start: number): FlowSummary {
    const state = stateOfCallee(new FlowState(), this.#code.disassembler.machine);
    const frame = { x64: 'rbp', x86: 'ebp', arm64: 'fp' }[this.#code.disassembler.machine];
    state.set(frame, { kind: 'stack', offset: otherFrame });
    return this.#follow(start, state, 0);
  }

  // What instructions find in memory.

  rvaOf(va: bigint): number {
    return this.#code.rvaOf(va);
  }

  isInside(rva: number): boolean {
    return this.#code.sectionAt(rva) !== undefined;
  }

  load(at: number, place: MemoryPlace, size: number): FlowValue | undefined {
    for (let shift = 0; shift + smallestSize <= Math.min(size, widestSize); shift += smallestSize) {
      const kept = this.#keptAt(behind(place, shift));
      if (kept === undefined) continue;
      this.loads.set(at, kept);
      return { kind: 'tag', seeds: [at], swapped: false, shift };
    }
    return undefined;
  }

  #keptAt(place: MemoryPlace): KeptTag | undefined {
    if (place.kind === 'member') return this.#wanted.members.has(place.offset) ? 'member' : undefined;
    if (place.kind !== 'image') return undefined;
    if (!place.isExact) return this.#isInTable(place.rva) ? 'table' : undefined;
    if (this.#wanted.variables.has(place.rva)) return 'variable';
    if (!this.#hasTag(place.rva)) return undefined;
    return this.#code.sectionAt(place.rva)?.writable === false ? 'constant' : 'variable';
  }

  #isInTable(rva: number): boolean {
    const { places, objects } = this.#wanted;
    return places.some(
      (place) =>
        place >= rva &&
        place < rva + tableReach &&
        !objects.some((object) => object > rva && object <= place),
    );
  }

  #hasTag(rva: number): boolean {
    const value = this.#code.isCode(rva) && this.pointerSize === 4 ? undefined : this.#code.u32(rva);
    return value !== undefined && this.#wanted.values.has(value);
  }

  stored(place: MemoryPlace): void {
    if (place.kind === 'image' && place.isExact) this.storedVariables.add(place.rva);
    else if (place.kind === 'member' && place.offset !== 0) this.storedMembers.add(place.offset);
  }

  // Code.

  #follow(start: number, entry: FlowState, depth: number): FlowSummary {
    const summary: FlowSummary = emptySummary();
    const run: Run = { depth, summary, known: new Map([[start, entry]]), pending: [start], steps: 0 };
    for (let at = run.pending.pop(); at !== undefined; at = run.pending.pop())
      if (!this.#followLine(run, at)) {
        summary.isCut = true;
        break;
      }
    return summary;
  }

  /** Up to where the way ends or meets a known one. False: too much was followed already. */
  #followLine(run: Run, start: number): boolean {
    const state = run.known.get(start)!.clone();
    for (let at = start; ; ) {
      if (run.steps++ >= mostSteps || this.#left-- <= 0) return false;
      const instruction = this.#code.decode(at);
      if (instruction === undefined) {
        run.summary.isCut = true;
        return true;
      }
      if (run.depth === 0) this.#visited.add(at);
      const next = at + instruction.length;
      if (!this.#step(run, state, instruction, at)) return true;
      this.#plant(state, instruction, at);
      at = next;
      if (run.known.has(at)) {
        this.#join(run, at, state);
        return true;
      }
    }
  }

  #join({ known, pending }: Run, at: number, state: FlowState): void {
    const before = known.get(at);
    if (before === undefined) known.set(at, state.clone());
    else if (!before.merge(state)) return;
    pending.push(at);
  }

  /** Does the way go on behind the instruction? */
  #step(run: Run, state: FlowState, instruction: Instruction, at: number): boolean {
    switch (instruction.flow) {
      case 'next':
        applyInstruction(state, instruction, at, this);
        for (const name of instruction.writes) run.summary.changed.add(name);
        return true;
      case 'interrupt':
        return !/^(?:int|brk)/.test(instruction.mnemonic);
      case 'exception':
        return false;
      case 'return':
        this.#return(run, state, instruction);
        return false;
      case 'conditional-branch':
        if (instruction.target !== undefined) this.#branch(run, state, this.rvaOf(instruction.target));
        return true;
      case 'call':
      case 'indirect-call':
        this.#call(run, state, instruction, at);
        return true;
      default:
        this.#jump(run, state, instruction, at);
        return false;
    }
  }

  #branch(run: Run, state: FlowState, target: number): void {
    if (this.#code.isCode(target)) this.#join(run, target, state);
  }

  #return({ summary }: Run, state: FlowState, instruction: Instruction): void {
    const { machine } = this.#code.disassembler;
    const result = state.get({ x64: 'rax', arm64: 'x0', x86: 'eax' }[machine]);
    if (result?.kind === 'tag') summary.result = result;
    if (machine === 'x86') summary.popped = Number.parseInt(String(instruction.operands[0] ?? '0'), 16);
  }

  #jump(run: Run, state: FlowState, instruction: Instruction, at: number): void {
    const target = findTarget(this.#code, state, instruction, at, this);
    if (this.#take(run, state, target, at, true)) return;
    if (target.own !== undefined) this.#branch(run, state, target.own);
    else if (target.destination.name === undefined) {
      run.summary.isCut = true;
      // A helper that goes to where a register leads, as that of control flow guard does.
      if (run.depth > 0 && instruction.operands[0] === 'rax') this.#handToUnknown(run, state, target, at);
    }
  }

  #call(run: Run, state: FlowState, instruction: Instruction, at: number): void {
    const target = findTarget(this.#code, state, instruction, at, this);
    if (target.isGuard) return;
    const isTaken = this.#take(run, state, target, at, false);
    const inner = isTaken || target.own === undefined ? undefined : this.#enter(run, state, target.own, at);
    if (!isTaken && inner === undefined && target.own === undefined)
      this.#handToUnknown(run, state, target, at);
    this.#leaveCall(run, state, at, at + instruction.length, inner);
  }

  /** A function that is known to take a tag, and the tag among its arguments. Tells whether it is such a function. */
  #take(
    run: Run,
    state: FlowState,
    { destination, by, taker }: Target,
    at: number,
    isTail: boolean,
  ): boolean {
    if (taker === undefined) return false;
    const { machine } = this.#code.disassembler;
    const place = argumentPlace(state, machine, argumentOf(taker, machine), isTail);
    const argument = state.get(place);
    const found = taker.member === undefined ? argument : this.#memberOf(state, argument, taker, at);
    const use = { at, destination, by, taker, through: [] };
    if (isPlainTag(found)) addUse(run.summary, { ...use, seeds: found.seeds });
    return true;
  }

  /** The tag stands in a structure whose address is the argument. */
  #memberOf(
    state: FlowState,
    argument: FlowValue | undefined,
    { member }: TagTaker,
    at: number,
  ): FlowValue | undefined {
    const offset = member![this.pointerSize === 8 ? 0 : 1];
    if (argument?.kind === 'stack') return state.get(argument.offset + offset);
    if (argument?.kind !== 'address') return undefined;
    return this.load(at, { kind: 'image', rva: argument.rva + offset, isExact: true }, smallestSize);
  }

  /** Follows a function of the same image that gets the tag. */
  #enter(run: Run, state: FlowState, target: number, at: number): FlowSummary | undefined {
    const { machine } = this.#code.disassembler;
    const seeds = seedsHandedOn(state, machine);
    if (seeds.length === 0 && (machine !== 'x86' || run.depth >= mostDepth)) return undefined;
    if (run.depth >= mostDepth) {
      run.summary.isCut = true;
      return undefined;
    }
    const inner = this.#summaryOf(target, stateOfCallee(state, machine), run.depth + 1);
    for (const use of inner.uses)
      if (use.seeds.includes(fromCaller))
        addUse(run.summary, { ...use, seeds, through: [{ at, target }, ...use.through] });
    if (inner.isCut && seeds.length > 0 && inner.uses.length === 0) run.summary.isCut = true;
    const result = inner.result?.kind === 'tag' && inner.result.seeds.includes(fromCaller);
    return result
      ? { ...inner, result: { ...inner.result, seeds } as FlowValue }
      : { ...inner, result: undefined };
  }

  #summaryOf(target: number, entry: FlowState, depth: number): FlowSummary {
    const key = [target, ...[...entry.entries()].map((each) => JSON.stringify(each)).sort()].join('|');
    const known = this.#summaries.get(key);
    if (known !== undefined) return known;
    // One that calls itself adds nothing of its own.
    this.#summaries.set(key, emptySummary());
    const summary = this.#follow(target, entry, depth);
    this.#summaries.set(key, summary);
    return summary;
  }

  /** A call of which nothing is known, with the tag where most functions that take one expect it. */
  #handToUnknown(run: Run, state: FlowState, { destination, by }: Target, at: number): void {
    if (destination.name !== undefined) return;
    const { machine } = this.#code.disassembler;
    for (const argument of [3, 2]) {
      const value = state.get(argumentPlace(state, machine, argument, false));
      if (!isPlainTag(value)) continue;
      addUse(run.summary, {
        seeds: value.seeds,
        at,
        destination,
        by,
        taker: undefined,
        through: [],
      });
      return;
    }
  }

  #leaveCall(run: Run, state: FlowState, at: number, next: number, inner: FlowSummary | undefined): void {
    const { machine } = this.#code.disassembler;
    const returns = this.#wanted.returning.has(at);
    const result: FlowValue | undefined = returns
      ? { kind: 'tag', seeds: [at], swapped: false, shift: 0 }
      : inner?.result;
    // Compilers know which registers a function of the same image leaves alone.
    const changed = inner === undefined || inner.isCut ? undefined : inner.changed;
    afterCall(state, machine, result, changed);
    for (const name of changed ?? volatileRegisters[machine]) run.summary.changed.add(name);
    if (machine === 'x86') dropArguments(this.#code, state, next, inner?.popped);
  }

  /** The instruction is one that brings in the tag. */
  #plant(state: FlowState, instruction: Instruction, at: number): void {
    const seed = this.#wanted.seeds.get(at);
    if (seed === undefined) return;
    const value: FlowValue = { kind: 'tag', seeds: [seed.id], swapped: seed.isSwapped, shift: seed.shift };
    const [operand] = instruction.memory;
    const pointer = stackPointerOf(instruction.machine);
    if (instruction.mnemonic === 'push') {
      const top = state.get(pointer);
      if (top?.kind === 'stack') state.set(top.offset, value);
    } else if (operand?.access === 'write') this.#plantInMemory(state, instruction, at, value);
    else
      state.set(
        instruction.writes.find((name) => name !== 'efl'),
        value,
      );
  }

  #plantInMemory(state: FlowState, instruction: Instruction, at: number, value: FlowValue): void {
    const place = placeOfMemory(state, instruction.memory[0]!, at + instruction.length, this);
    if (place.kind === 'stack') state.set(place.offset, value);
    else this.stored(place);
  }
}

interface Run {
  readonly depth: number;
  readonly summary: FlowSummary;
  /** States at instructions where ways meet. */
  readonly known: Map<number, FlowState>;
  readonly pending: number[];
  steps: number;
}

/** Another place of the stack than any that is counted from the stack pointer. */
const otherFrame = 2 ** 30;

const emptySummary = (): FlowSummary => ({
  uses: [],
  result: undefined,
  popped: undefined,
  changed: new Set(),
  isCut: false,
});

function addUse({ uses }: FlowSummary, use: FlowUse): void {
  const known = uses.find(
    ({ at, through }) =>
      at === use.at &&
      through.length === use.through.length &&
      through.every((each, index) => each.at === use.through[index]!.at),
  );
  if (known === undefined) {
    if (uses.length < mostUses) uses.push(use);
    return;
  }
  const seeds = [...new Set([...known.seeds, ...use.seeds])];
  uses[uses.indexOf(known)] = { ...use, seeds };
}
