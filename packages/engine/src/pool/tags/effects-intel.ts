import type { Instruction } from '../../disasm/index.ts';
import {
  addressValue,
  addUnknown,
  type FlowMemory,
  isProtection,
  loadValue,
  maybeSet,
  movedBy,
  numberIn,
  placeOfMemory,
  stackPointerOf,
  storeValue,
  swapped,
} from './effects.ts';
import type { FlowState, FlowValue } from './value.ts';

/** Words of the stack that were pushed are marked: x86 passes arguments so. */
export const pushedAt = (offset: number): string => `pushed ${offset}`;

/** Bytes of the stack in which such marks are taken back. */
const mostRoom = 0x400;

/** The effect of an instruction of x64 or x86. */
export function applyIntel(state: FlowState, instruction: Instruction, at: number, memory: FlowMemory): void {
  const effect =
    effects[instruction.mnemonic] ??
    (isConditional(instruction.mnemonic) || isWideMove(instruction.mnemonic) ? move : overwrite);
  effect({ state, instruction, at, memory });
}

interface Step {
  readonly state: FlowState;
  readonly instruction: Instruction;
  readonly at: number;
  readonly memory: FlowMemory;
}

const isWideMove = (mnemonic: string): boolean => /^v?mov(?:[au]p[sd]|dq[au]|[dq]|sd|ss)$/.test(mnemonic);

const isConditional = (mnemonic: string): boolean => mnemonic.startsWith('cmov');

const effects: Readonly<Record<string, (step: Step) => void>> = {
  mov: move,
  movzx: move,
  movsxd: move,
  lea: loadAddress,
  push,
  pop,
  leave,
  add: (step) => addNumber(step, 1),
  sub: (step) => addNumber(step, -1),
  inc: (step) => overwrite(step),
  and: changeBits,
  or: changeBits,
  bts: changeBits,
  btr: changeBits,
  bswap,
  xchg: exchange,
  ror: overwrite,
  // They only look.
  cmp: () => undefined,
  test: () => undefined,
  nop: () => undefined,
};

const textOf = ({ instruction }: Step, index: number): string | undefined => {
  const operand = instruction.operands[index];
  return typeof operand === 'object' ? undefined : operand;
};

/** Whole name of a register of 32 bits or more: `r8d` is r8. Undefined for everything else. */
function wholeOf({ instruction: { machine } }: Step, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (/^xmm\d+$/.test(text)) return text;
  if (machine === 'x86') return /^e(?:[abcd]x|[sd]i|[sb]p)$/.test(text) ? text : undefined;
  if (/^r(?:[abcd]x|[sd]i|[sb]p|\d+)$/.test(text)) return text;
  if (/^r\d+d$/.test(text)) return text.slice(0, -1);
  return /^e(?:[abcd]x|[sd]i|[sb]p)$/.test(text) ? `r${text.slice(1)}` : undefined;
}

/** What an operand gives, read. */
function valueOf(step: Step, index: number): FlowValue | undefined {
  const { state, instruction, at, memory } = step;
  const register = wholeOf(step, textOf(step, index));
  if (register !== undefined) return state.get(register);
  const operand = instruction.operands[index];
  const [accessed] = instruction.memory;
  if (accessed !== undefined && accessed.access !== 'none' && isMemory(operand))
    return loadValue(state, at, placeOf(step), accessed.size, memory);
  return typeof operand === 'object' ? absolute(step, operand.address) : constant(step, textOf(step, index));
}

const isMemory = (operand: Instruction['operands'][number] | undefined): boolean =>
  (typeof operand === 'object' ? operand.plain : (operand ?? '')).includes('[');

const placeOf = ({ state, instruction, at, memory }: Step): ReturnType<typeof placeOfMemory> =>
  placeOfMemory(state, instruction.memory[0]!, at + instruction.length, memory);

function constant(step: Step, text: string | undefined): FlowValue | undefined {
  const number = numberIn(text);
  return number === undefined || number < 0x1_0000 ? undefined : absolute(step, BigInt(number));
}

function absolute({ memory }: Step, address: bigint): FlowValue | undefined {
  const rva = memory.rvaOf(address);
  return memory.isInside(rva) ? { kind: 'address', rva } : undefined;
}

/** Also the conditional ones. */
function move(step: Step): void {
  const { state, instruction, memory } = step;
  const value = valueOf(step, 1);
  const to = wholeOf(step, textOf(step, 0));
  if (to !== undefined) {
    if (isConditional(instruction.mnemonic)) maybeSet(state, to, value);
    else state.set(to, value);
  } else if (instruction.memory[0]?.access === 'write') storeValue(state, placeOf(step), value, memory);
  else overwrite(step);
}

function loadAddress(step: Step): void {
  const to = wholeOf(step, textOf(step, 0));
  const [operand] = step.instruction.memory;
  if (to === undefined || operand === undefined) return overwrite(step);
  const isCopy = operand.displacement === 0n && operand.index === undefined && operand.base !== undefined;
  step.state.set(to, isCopy ? step.state.get(operand.base) : addressValue(placeOf(step)));
}

function push(step: Step): void {
  const { state, memory, instruction } = step;
  const value = valueOf(step, 0);
  const pointer = stackPointerOf(instruction.machine);
  const moved = movedBy(state.get(pointer), -memory.pointerSize);
  state.set(pointer, moved);
  if (moved?.kind !== 'stack') return;
  state.set(moved.offset, value);
  state.set(pushedAt(moved.offset), { kind: value?.kind === 'kept' ? 'kept' : 'other' });
}

function pop(step: Step): void {
  const { state, memory, instruction } = step;
  const pointer = stackPointerOf(instruction.machine);
  const from = state.get(pointer);
  const to = wholeOf(step, textOf(step, 0));
  const value = from?.kind === 'stack' ? state.get(from.offset) : undefined;
  state.set(pointer, movedBy(from, memory.pointerSize));
  state.set(to, value);
}

function leave({ state, memory, instruction }: Step): void {
  const [pointer, frame] = instruction.machine === 'x64' ? ['rsp', 'rbp'] : ['esp', 'ebp'];
  const from = state.get(frame);
  state.set(frame, from?.kind === 'stack' ? state.get(from.offset) : undefined);
  state.set(pointer, movedBy(from, memory.pointerSize));
}

function addNumber(step: Step, sign: 1 | -1): void {
  const { state } = step;
  const to = wholeOf(step, textOf(step, 0));
  if (to === undefined) return overwrite(step);
  const number = numberIn(textOf(step, 1));
  const isNumber = number !== undefined && wholeOf(step, textOf(step, 1)) === undefined;
  const before = state.get(to);
  const value = isNumber
    ? movedBy(state.get(to), sign * (step.memory.pointerSize === 4 ? number | 0 : number))
    : sign === 1
      ? addUnknown(state.get(to), valueOf(step, 1))
      : undefined;
  if (to === 'esp') forgetPushes(state, before, value);
  state.set(to, value);
}

/** What is on the stack below its old end was not pushed. */
function forgetPushes(state: FlowState, before: FlowValue | undefined, after: FlowValue | undefined): void {
  if (before?.kind !== 'stack' || after?.kind !== 'stack') return;
  const first = Math.max(after.offset, before.offset - mostRoom);
  for (let at = first; at < before.offset; at += 4) state.set(pushedAt(at), undefined);
}

/** Aligning the stack pointer, or the bit that protects a tag: the value stays what it is. */
function changeBits(step: Step): void {
  const { state, instruction } = step;
  const to = wholeOf(step, textOf(step, 0));
  const number = numberIn(textOf(step, 1));
  const value = state.get(to);
  const isBit = instruction.mnemonic.startsWith('bt') ? number === 0x1f : isProtection(number);
  if (value?.kind === 'stack' && instruction.mnemonic === 'and') return;
  if (value?.kind === 'tag' && isBit) return;
  overwrite(step);
}

function bswap(step: Step): void {
  const to = wholeOf(step, textOf(step, 0));
  step.state.set(to, swapped(step.state.get(to)));
}

function exchange(step: Step): void {
  const [a, b] = [0, 1].map((index) => wholeOf(step, textOf(step, index)));
  if (a === undefined || b === undefined) return overwrite(step);
  const value = step.state.get(a);
  step.state.set(a, step.state.get(b));
  step.state.set(b, value);
}

/** What is written is not known any more. */
function overwrite(step: Step): void {
  const { state, instruction } = step;
  for (const name of instruction.writes) state.set(name, undefined);
  const [operand] = instruction.memory;
  if (operand === undefined || operand.access === 'read' || operand.access === 'none') return;
  const place = placeOf(step);
  if (place.kind === 'stack') state.set(place.offset, undefined);
}
