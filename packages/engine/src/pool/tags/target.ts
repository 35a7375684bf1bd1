import type { Instruction } from '../../disasm/index.ts';
import { frameworkFunctions, type TagTaker, takerOf } from '../tables/tag-takers.ts';
import type { Destination, TagCode } from './code.ts';
import { type FlowMemory, type MemoryPlace, placeOfMemory } from './effects.ts';
import type { FlowState, FlowValue } from './value.ts';

/** Where a call or jump leads. */
export interface Target {
  readonly destination: Destination;
  readonly taker: TagTaker | undefined;
  /** `import`: through a variable of the image; `unknown`: through a register or a table. */
  readonly by: 'direct' | 'import' | 'unknown';
  /** RVA, where it is code of the same image. */
  readonly own: number | undefined;
  /** The helper of control flow guard that only looks at an address, and keeps all registers. */
  readonly isGuard: boolean;
}

const nowhere: Destination = { target: undefined, name: undefined };

/** Registers with the address to go to, for helpers that go there: of control flow guard, and those against speculation. */
const [dispatched, guarded] = ['rax', 'r10'];

/** Where a call or jump leads, by the import tables, by what stands in variables, and by names. */
export function findTarget(
  code: TagCode,
  state: FlowState,
  instruction: Instruction,
  at: number,
  memory: FlowMemory,
): Target {
  if (instruction.flow === 'call' || instruction.flow === 'branch')
    return directTarget(code, state, instruction.target);
  const value = valueOfTarget(state, instruction, at, memory);
  const isGuard = value?.kind === 'loaded' && code.isGuard(value.rva);
  if (!isGuard) return targetOf(code, value);
  const real = code.disassembler.machine === 'x64' ? targetOf(code, state.get(dispatched)) : unknown;
  // Dispatching goes to where rax leads; checking goes on behind the call.
  return real.taker !== undefined || real.own !== undefined || isDispatch(code, value.rva)
    ? real
    : { ...unknown, isGuard: true };
}

/** By the name, where there is one; else by the register, which only the dispatching helper reads. */
const isDispatch = (code: TagCode, rva: number): boolean =>
  /dispatch/.test(code.destinationAt(rva).name ?? '') ||
  (code.disassembler.machine === 'x64' && !/check/.test(code.destinationAt(rva).name ?? ''));

const unknown: Target = {
  destination: nowhere,
  taker: undefined,
  by: 'unknown',
  own: undefined,
  isGuard: false,
};

function directTarget(code: TagCode, state: FlowState, target: bigint | undefined): Target {
  if (target === undefined) return unknown;
  const rva = code.rvaOf(target);
  const name = code.nameAt(rva);
  const taker = takerOf(name);
  const real = taker === undefined ? targetOf(code, state.get(guardedRegister(code))) : unknown;
  if (real.taker !== undefined) return real;
  const own = code.isCode(rva) ? rva : undefined;
  return { destination: { target, name }, taker, by: 'direct', own, isGuard: false };
}

const guardedRegister = (code: TagCode): string | undefined =>
  code.disassembler.machine === 'x64' ? guarded : undefined;

/** What the instruction goes to: a register, or what a variable holds. */
function valueOfTarget(
  state: FlowState,
  instruction: Instruction,
  at: number,
  memory: FlowMemory,
): FlowValue | undefined {
  const [operand] = instruction.memory;
  if (operand === undefined) return state.get(instruction.reads.find((name) => !stackRegisters.has(name)));
  const place: MemoryPlace = placeOfMemory(state, operand, at + instruction.length, memory);
  if (place.kind === 'image' && place.isExact) return { kind: 'loaded', rva: place.rva };
  if (place.kind === 'stack') return state.get(place.offset);
  return place.kind === 'field' ? place : undefined;
}

const stackRegisters = new Set(['rsp', 'esp', 'sp']);

function targetOf(code: TagCode, value: FlowValue | undefined): Target {
  if (value?.kind === 'address') return { ...unknown, own: code.isCode(value.rva) ? value.rva : undefined };
  if (value?.kind === 'loaded') return throughVariable(code, value.rva);
  return value?.kind === 'field' ? throughFramework(code, value.offset) : unknown;
}

function throughVariable(code: TagCode, rva: number): Target {
  const destination = code.destinationAt(rva);
  const taker = takerOf(destination.name);
  const target = destination.target === undefined ? undefined : code.rvaOf(destination.target);
  const own = target !== undefined && code.isCode(target) ? target : undefined;
  const by = destination.name === undefined && own === undefined ? 'unknown' : 'import';
  return { destination, taker, by, own, isGuard: false };
}

/** The table of the driver framework's functions: a variable points to it. */
function throughFramework(code: TagCode, offset: number): Target {
  const name = code.drivesFramework ? frameworkFunctions.get(offset / code.pointerSize) : undefined;
  if (name === undefined) return unknown;
  const destination = { target: undefined, name: `Wdf01000!${name}` };
  return { ...unknown, destination, taker: takerOf(destination.name), by: 'import' };
}
