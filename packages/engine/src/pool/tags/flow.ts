import type { Instruction } from '../../disasm/index.ts';
import { argumentOf, type TagTaker } from '../tables/tag-takers.ts';
import { applyInstruction } from './apply.ts';
import {
  afterCall,
  argumentPlace,
  fromCaller,
  resultRegister,
  seedsHandedOn,
  stateOfCallee,
  volatileRegisters,
} from './arguments.ts';
import type { TagCode } from './code.ts';
import { numberIn, placeOfMemory, stackPointerOf } from './effects.ts';
import { TagMemory, tagSize, type WantedTag } from './memory.ts';
import { dropArguments } from './stack.ts';
import { addUse, emptySummary, type FlowSummary } from './summary.ts';
import { findTarget, type Target } from './target.ts';
import { FlowState, type FlowValue, isPlainTag } from './value.ts';

/** Instructions that are followed in one function. */
const mostSteps = 3000;
/** Functions one below the other. */
const mostDepth = 6;
const longestInstruction = 15;

/** Instructions that may be followed yet, for one tag in all images. */
export interface FlowBudget {
  left: number;
}

/**
 * Follows a tag through code: from where it stands to the calls that get it, also through functions that hand it on, and
 * through the stack. Both ways of a branch are followed. What it cannot follow ends there: nothing is guessed.
 */
export class TagFlow {
  readonly memory: TagMemory;
  readonly #code: TagCode;
  readonly #wanted: WantedTag;
  readonly #summaries = new Map<string, FlowSummary>();
  /** Lengths of the instructions that were followed, but for those of functions that were called. */
  readonly #visited = new Map<number, number>();
  readonly #visitedEnds = new Set<number>();
  /** Where the instructions begin that brought in the tag. */
  readonly planted = new Map<number, number>();
  readonly #budget: FlowBudget;

  constructor(code: TagCode, wanted: WantedTag, budget: FlowBudget) {
    this.#code = code;
    this.#budget = budget;
    this.#wanted = wanted;
    this.memory = new TagMemory(code, wanted);
  }

  /** Was the instruction around this RVA followed? */
  isVisited(rva: number): boolean {
    for (let before = 0; before < longestInstruction; before++)
      if ((this.#visited.get(rva - before) ?? 0) > before) return true;
    return false;
  }

  /** Is it not the last byte of an instruction, but another one of one that was followed? */
  isInsideOther(rva: number): boolean {
    return this.isVisited(rva) && !this.#visitedEnds.has(rva + 1);
  }

  /** A function from its first instruction on. */
  followFunction(start: number): FlowSummary {
    return this.#follow(start, stateOfCallee(new FlowState(), this.#code.disassembler.machine), 0);
  }

  /**
   * From an instruction in the midst of a function, of which nothing before is known, as long as the tag is somewhere. What is
   * followed so does not count as visited.
   */
  followFrom(start: number): FlowSummary {
    const state = stateOfCallee(new FlowState(), this.#code.disassembler.machine);
    const frame = { x64: 'rbp', x86: 'ebp', arm64: 'fp' }[this.#code.disassembler.machine];
    state.set(frame, { kind: 'stack', offset: otherFrame });
    return this.#follow(start, state, 0, true);
  }

  #follow(start: number, entry: FlowState, depth: number, isQuick = false): FlowSummary {
    const summary: FlowSummary = emptySummary();
    const run: Run = {
      depth,
      summary,
      known: new Map([[start, entry]]),
      pending: [start],
      steps: 0,
      isQuick,
    };
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
      if (run.steps++ >= mostSteps || this.#budget.left-- <= 0) return false;
      const instruction = this.#code.decode(at);
      if (instruction === undefined) {
        run.summary.isCut = true;
        return true;
      }
      if (run.depth === 0 && !run.isQuick) {
        this.#visited.set(at, instruction.length);
        this.#visitedEnds.add(at + instruction.length);
      }
      const next = at + instruction.length;
      if (!this.#step(run, state, instruction, at)) return true;
      this.#plant(state, instruction, at);
      at = next;
      if (run.isQuick && !state.hasTag) return true;
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
        applyInstruction(state, instruction, at, this.memory);
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
        if (instruction.target !== undefined) this.#branch(run, state, this.#code.rvaOf(instruction.target));
        return true;
      case 'call':
      case 'indirect-call':
        this.#call(run, state, instruction, at);
        return true;
      case 'branch':
      case 'indirect-branch':
        this.#jump(run, state, instruction, at);
        return false;
    }
  }

  #branch(run: Run, state: FlowState, target: number): void {
    if (this.#code.isCode(target)) this.#join(run, target, state);
  }

  #return({ summary }: Run, state: FlowState, instruction: Instruction): void {
    const { machine } = this.#code.disassembler;
    const result = state.get(resultRegister[machine]);
    if (result?.kind === 'tag') summary.result = result;
    if (machine === 'x86') summary.popped = bytesTaken(instruction);
  }

  #jump(run: Run, state: FlowState, instruction: Instruction, at: number): void {
    const target = findTarget(this.#code, state, instruction, at, this.memory);
    if (this.#take(run, state, target, at, true)) return;
    if (target.own !== undefined) this.#branch(run, state, target.own);
    else if (target.destination.name === undefined) {
      run.summary.isCut = true;
      // A helper that goes to where a register leads, as that of control flow guard does.
      if (run.depth > 0 && instruction.operands[0] === 'rax') this.#handToUnknown(run, state, target, at);
    }
  }

  #call(run: Run, state: FlowState, instruction: Instruction, at: number): void {
    const target = findTarget(this.#code, state, instruction, at, this.memory);
    if (target.isGuard) return;
    const isTaken = this.#take(run, state, target, at, false);
    const inner = isTaken || target.own === undefined ? undefined : this.#enter(run, state, target.own, at);
    // Behind a function that was called, what is left in a register need not be an argument.
    if (!isTaken && inner === undefined && target.own === undefined && run.depth === 0)
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
    const offset = member![this.#code.pointerSize === 8 ? 0 : 1];
    if (argument?.kind === 'stack') return state.get(argument.offset + offset);
    if (argument?.kind !== 'address') return undefined;
    return this.memory.load(at, { kind: 'image', rva: argument.rva + offset, isExact: true }, tagSize);
  }

  /** Follows a function of the same image that gets the tag. */
  #enter(run: Run, state: FlowState, target: number, at: number): FlowSummary | undefined {
    const { machine } = this.#code.disassembler;
    const seeds = seedsHandedOn(state, machine);
    const entry = stateOfCallee(state, machine, (rva) => this.memory.isNear(rva));
    const isEmpty = seeds.length === 0 && !hasAddress(entry);
    if (isEmpty && (machine !== 'x86' || run.depth >= mostDepth)) return undefined;
    if (run.depth >= mostDepth) {
      run.summary.isCut = true;
      return undefined;
    }
    const inner = this.#summaryOf(target, entry, run.depth + 1);
    for (const use of inner.uses)
      if (use.seeds.includes(fromCaller))
        addUse(run.summary, { ...use, seeds, through: [{ at, target }, ...use.through] });
      // What it loads through an address that it got.
      else if (use.seeds.some((seed) => this.memory.loads.has(seed))) addUse(run.summary, use);
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
    const seed = this.#wanted.seeds.get(at + instruction.length);
    if (seed === undefined || !bringsIn(instruction)) return;
    if (instruction.machine !== 'arm64') this.planted.set(seed.id, at);
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
    const place = placeOfMemory(state, instruction.memory[0]!, at + instruction.length, this.memory);
    if (place.kind === 'stack') state.set(place.offset, value);
    else this.memory.stored(place);
  }
}

interface Run {
  readonly depth: number;
  readonly summary: FlowSummary;
  /** States at instructions where ways meet. */
  readonly known: Map<number, FlowState>;
  readonly pending: number[];
  steps: number;
  readonly isQuick: boolean;
}

/** Another place of the stack than any that is counted from the stack pointer. */
const otherFrame = 2 ** 30;

/** An instruction that moves a number, or pushes it. */
const bringsIn = ({ machine, mnemonic }: Instruction): boolean =>
  machine === 'arm64' || mnemonic === 'mov' || mnemonic === 'push';

/** Is an address of data among the arguments? */
function hasAddress(state: FlowState): boolean {
  for (const [, { kind }] of state.entries()) if (kind === 'address') return true;
  return false;
}

/** `ret 8` takes eight bytes of arguments from the stack. */
function bytesTaken({ operands: [bytes] }: Instruction): number {
  return (typeof bytes === 'string' ? numberIn(bytes) : undefined) ?? 0;
}
