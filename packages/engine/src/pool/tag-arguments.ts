import type { Machine } from '../cpu/index.ts';
import { stackPointerOf } from './tag-effects.ts';
import { FlowState, type FlowValue, type Place } from './tag-value.ts';

/** Registers of the first arguments. Source: the calling conventions of Windows. */
const argumentRegisters: Readonly<Record<Machine, readonly string[]>> = {
  x64: ['rcx', 'rdx', 'r8', 'r9'],
  arm64: ['x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7'],
  x86: [],
};

const counted = (prefix: string, last: number): string[] =>
  Array.from({ length: last + 1 }, (_, index) => `${prefix}${index}`);

/** Registers that a call may change. */
export const volatileRegisters: Readonly<Record<Machine, readonly string[]>> = {
  x64: ['rax', 'rcx', 'rdx', 'r8', 'r9', 'r10', 'r11'],
  arm64: [...counted('x', 17), 'lr'],
  x86: ['eax', 'ecx', 'edx'],
};

/** Registers that functions without a standard convention get arguments in, or helpers the address to go to. */
const otherRegisters: Readonly<Record<Machine, readonly string[]>> = {
  x64: ['rax', 'r10'],
  arm64: ['x15', 'x16'],
  x86: ['ecx', 'edx', 'eax'],
};

/** Registers that functions of x86 give back as they were. */
const keptRegisters = ['ebx', 'esi', 'edi', 'ebp'];

/** Words of the stack that a callee may get as arguments. */
const mostStackArguments = 12;

/** Register of what a function returns. */
export const resultRegister: Readonly<Record<Machine, string>> = { x64: 'rax', arm64: 'x0', x86: 'eax' };

/** Where an argument, counted from 1, is when a function is called; `isTail`: by a jump, with a return address on the stack. */
export function argumentPlace(
  state: FlowState,
  machine: Machine,
  argument: number,
  isTail: boolean,
): Place | undefined {
  const register = argumentRegisters[machine][argument - 1];
  if (register !== undefined) return register;
  const top = state.get(stackPointerOf(machine));
  if (top?.kind !== 'stack') return undefined;
  const inRegisters = machine === 'arm64' ? 8 : 0;
  const size = machine === 'x86' ? 4 : 8;
  const returnAddress = isTail && machine !== 'arm64' ? size : 0;
  return top.offset + returnAddress + (argument - 1 - inRegisters) * size;
}

/** What a function that is called knows at its start: its arguments, and where the stack is. */
export function stateOfCallee(state: FlowState, machine: Machine): FlowState {
  const callee = new FlowState();
  const pointer = stackPointerOf(machine);
  callee.set(pointer, { kind: 'stack', offset: 0 });
  if (machine === 'x86') for (const name of keptRegisters) callee.set(name, { kind: 'kept' });
  for (const name of [...argumentRegisters[machine], ...otherRegisters[machine]])
    callee.set(name, forCallee(state.get(name)));
  const top = state.get(pointer);
  if (top?.kind !== 'stack') return callee;
  const size = machine === 'x86' ? 4 : 8;
  const pushed = machine === 'arm64' ? 0 : size;
  for (let word = 0; word < mostStackArguments; word++)
    callee.set(pushed + word * size, forCallee(state.get(top.offset + word * size)));
  return callee;
}

/** The same for every caller, so that the answer can be kept. Where the caller's stack is means nothing to the callee. */
function forCallee(value: FlowValue | undefined): FlowValue | undefined {
  if (value?.kind === 'tag') return { ...value, seeds: [fromCaller] };
  return value?.kind === 'loaded' ? value : undefined;
}

/** In place of an instruction: the tag was handed in. */
export const fromCaller = -1;

/** After a call. `changed`: registers that it writes to, where that is known. */
export function afterCall(
  state: FlowState,
  machine: Machine,
  result: FlowValue | undefined,
  changed: ReadonlySet<string> | undefined,
): void {
  for (const name of volatileRegisters[machine])
    if (changed === undefined || changed.has(name)) state.set(name, undefined);
  if (result !== undefined) state.set(resultRegister[machine], result);
}

/** The instructions that a tag among the arguments comes from. */
export function seedsHandedOn(state: FlowState, machine: Machine): number[] {
  const seeds = new Set<number>();
  const callee = stateOfCallee(state, machine);
  const top = state.get(stackPointerOf(machine));
  for (const [place, value] of callee.entries()) {
    if (value.kind !== 'tag') continue;
    const size = machine === 'x86' ? 4 : 8;
    const pushed = machine === 'arm64' ? 0 : size;
    const from = typeof place === 'number' && top?.kind === 'stack' ? top.offset + place - pushed : place;
    const own = state.get(from);
    if (own?.kind === 'tag') for (const seed of own.seeds) seeds.add(seed);
  }
  return [...seeds];
}
