import type { Instruction } from '../../disasm/index.ts';
import {
  addUnknown,
  behind,
  type FlowMemory,
  isProtection,
  loadValue,
  type MemoryPlace,
  movedBy,
  numberIn,
  placeOfMemory,
  storeValue,
  swapped,
} from './effects.ts';
import { type FlowState, type FlowValue, mergeValues } from './value.ts';

interface Step {
  readonly state: FlowState;
  readonly instruction: Instruction;
  readonly at: number;
  readonly memory: FlowMemory;
}

/** The effect of an arm64 instruction. */
export function applyArm64(state: FlowState, instruction: Instruction, at: number, memory: FlowMemory): void {
  const step = { state, instruction, at, memory };
  const effect = effects[instruction.mnemonic];
  if (effect !== undefined) effect(step);
  else if (!looksOnly.has(instruction.mnemonic)) overwrite(step);
}

const looksOnly = new Set(['cmp', 'cmn', 'tst', 'nop', 'ccmp', 'prfm', 'pacibsp', 'autibsp', 'bti']);

const effects: Readonly<Record<string, (step: Step) => void>> = {
  mov: (step) => set(step, 0, register(step, 1)),
  adrp: setAddress,
  adr: setAddress,
  add: (step) => set(step, 0, sum(step, 1)),
  sub: (step) => set(step, 0, sum(step, -1)),
  madd: (step) => set(step, 0, addUnknown(register(step, 3), undefined)),
  umaddl: (step) => set(step, 0, addUnknown(register(step, 3), undefined)),
  smaddl: (step) => set(step, 0, addUnknown(register(step, 3), undefined)),
  csel: (step) => set(step, 0, mergeValues(register(step, 1), register(step, 2))),
  orr: keepTag,
  and: keepTag,
  rev: (step) => set(step, 0, swapped(register(step, 1))),
  ldr: (step) => load(step, 1),
  ldur: (step) => load(step, 1),
  ldrsw: (step) => load(step, 1),
  ldp: (step) => load(step, 2),
  str: (step) => store(step, 1),
  stur: (step) => store(step, 1),
  stp: (step) => store(step, 2),
};

function nameIn({ instruction }: Step, index: number): string | undefined {
  const operand = instruction.operands[index];
  const text = typeof operand === 'object' ? undefined : operand;
  if (text === 'sp' || text === 'fp' || text === 'lr') return text;
  if (/^[sdq]\d+$/.test(text ?? '')) return `v${text!.slice(1)}`;
  return /^[wx]\d+$/.test(text ?? '') ? `x${text!.slice(1)}` : undefined;
}

const textIn = ({ instruction }: Step, index: number): string | undefined => {
  const operand = instruction.operands[index];
  return typeof operand === 'object' ? undefined : operand;
};

const register = (step: Step, index: number): FlowValue | undefined => step.state.get(nameIn(step, index));

const set = (step: Step, index: number, value: FlowValue | undefined): void =>
  step.state.set(nameIn(step, index), value);

function setAddress(step: Step): void {
  const operand = step.instruction.operands[1];
  const rva = typeof operand === 'object' ? step.memory.rvaOf(operand.address) : undefined;
  set(step, 0, rva === undefined ? undefined : { kind: 'address', rva });
}

function sum(step: Step, sign: 1 | -1): FlowValue | undefined {
  const number = numberIn(textIn(step, 2)?.startsWith('#') === true ? textIn(step, 2) : undefined);
  if (number === undefined) return sign === 1 ? addUnknown(register(step, 1), register(step, 2)) : undefined;
  const shift = /^lsl #(?:0x)?([\da-f]+)$/.exec(textIn(step, 3) ?? '')?.[1];
  return movedBy(
    register(step, 1),
    sign * number * 2 ** Number.parseInt(shift ?? '0', shift === 'c' ? 16 : 10),
  );
}

/** The bit that protects a tag leaves it one. */
function keepTag(step: Step): void {
  const value = register(step, 1);
  const isKept = value?.kind === 'tag' && isProtection(numberIn(textIn(step, 2)));
  set(step, 0, isKept ? value : undefined);
}

/** Registers that are loaded or stored, one after the other, and the address register that is moved before or behind. */
function transfer(
  step: Step,
  count: number,
  each: (index: number, place: MemoryPlace, size: number) => void,
): void {
  const { state, instruction, at, memory } = step;
  const [operand] = instruction.memory;
  if (operand === undefined) return overwrite(step);
  const place = placeOfMemory(state, operand, at, memory);
  const size = operand.size / count;
  const base = operand.base;
  for (let index = 0; index < count; index++) each(index, behind(place, index * size), size);
  const bracket = textIn(step, count) ?? '';
  const after = numberIn(textIn(step, count + 1));
  const distance = bracket.endsWith('!') ? Number(operand.displacement) : (after ?? 0);
  if (base !== undefined && distance !== 0) state.set(base, movedBy(state.get(base), distance));
}

function load(step: Step, count: number): void {
  const { state, instruction, at, memory } = step;
  const values: (FlowValue | undefined)[] = [];
  transfer(step, count, (_, place, size) => values.push(loadValue(state, at, place, size, memory)));
  // The base register may be one of those that are loaded.
  if (values.length === count && instruction.memory.length > 0)
    for (const [index, value] of values.entries()) set(step, index, value);
}

function store(step: Step, count: number): void {
  const { state, memory } = step;
  transfer(step, count, (index, place) => storeValue(state, place, register(step, index), memory));
}

function overwrite({ state, instruction }: Step): void {
  for (const name of instruction.writes) state.set(name, undefined);
}
