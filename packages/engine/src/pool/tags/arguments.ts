import type { Machine } from '../../cpu/index.ts';
import { stackPointerOf } from './effects.ts';
import { FlowState, type FlowValue, type Place } from './value.ts';

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

/** What a function that is called knows at its start: its arguments, and where the stack is. `isWanted`: addresses of data that tell it something. */
export function stateOfCallee(
  state: FlowState,
  machine: Machine,
  isWanted: (rva: number) => boolean = () => false,
): FlowState {
  const callee = new FlowState();
  const pointer = stackPointerOf(machine);
  callee.set(pointer, { kind: 'stack', offset: 0 });
  if (machine === 'x86') for (const name of keptRegisters) callee.set(name, { kind: 'kept' });
  for (const name of otherRegisters[machine]) callee.set(name, forCallee(state.get(name), isWanted));
  for (const [from, to] of argumentPlaces(state, machine))
    callee.set(to, forCallee(state.get(from), isWanted));
  copyStructures(state, callee, machine);
  return callee;
}

/** The same for every caller, so that the answer can be kept. Where the caller's stack is means nothing to the callee. */
function forCallee(value: FlowValue | undefined, isWanted: (rva: number) => boolean): FlowValue | undefined {
  if (value?.kind === 'address' && isWanted(value.rva)) return value;
  if (value?.kind === 'tag') return { ...value, seeds: [fromCaller] };
  return value?.kind === 'loaded' ? value : undefined;
}

/** Bytes of a structure on the stack that are looked at, and how far such structures are kept from each other. */
const [structureSize, structureStep] = [0x80, 2 ** 32];

/** Structures on the caller's stack with the tag in them, whose addresses are arguments. */
function copyStructures(state: FlowState, callee: FlowState, machine: Machine): void {
  for (const [index, [from, to]] of argumentPlaces(state, machine).entries()) {
    const value = state.get(from);
    if (value?.kind !== 'stack') continue;
    const copy = (index + 1) * structureStep;
    for (let at = 0; at < structureSize; at += 4) {
      const word = state.get(value.offset + at);
      if (word?.kind !== 'tag') continue;
      callee.set(copy + at, { ...word, seeds: [fromCaller] });
      callee.set(to, { kind: 'stack', offset: copy });
    }
  }
}

/** Where arguments may be: for the caller, and for the callee. */
function argumentPlaces(state: FlowState, machine: Machine): (readonly [Place, Place])[] {
  const places: (readonly [Place, Place])[] = argumentRegisters[machine].map((name) => [name, name]);
  const top = state.get(stackPointerOf(machine));
  if (top?.kind !== 'stack') return places;
  const size = machine === 'x86' ? 4 : 8;
  const pushed = machine === 'arm64' ? 0 : size;
  for (let word = 0; word < mostStackArguments; word++)
    places.push([top.offset + word * size, pushed + word * size]);
  return places;
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

/** The instructions that a tag among the arguments, or in structures of theirs, comes from. */
export function seedsHandedOn(state: FlowState, machine: Machine): number[] {
  const seeds = new Set<number>();
  const add = (value: FlowValue | undefined): void => {
    if (value?.kind === 'tag') for (const seed of value.seeds) seeds.add(seed);
  };
  for (const name of otherRegisters[machine]) add(state.get(name));
  for (const [place] of argumentPlaces(state, machine)) {
    const value = state.get(place);
    add(value);
    if (value?.kind === 'stack')
      for (let at = 0; at < structureSize; at += 4) add(state.get(value.offset + at));
  }
  return [...seeds];
}
