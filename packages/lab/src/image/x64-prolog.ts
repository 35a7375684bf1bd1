import { assert } from '@poolscope/engine/base';
import type { Instruction } from './code.ts';
import type { UnwindPlace } from './image-spec.ts';
import {
  addRsp,
  iretq,
  lea,
  load,
  loadXmm,
  pop,
  push,
  registerNumber,
  ret,
  store,
  storeXmm,
  subRsp,
  type X64Register,
} from './x64-code.ts';

/**
 * What a function of x64 does to its stack before its body. One list gives the instructions, the unwind codes and
 * the frame that the simulated thread gets. Offsets count from the stack pointer after all steps.
 */
export type PrologStep =
  | { readonly op: 'push'; readonly register: X64Register }
  | { readonly op: 'allocate'; readonly size: number }
  | { readonly op: 'setFrame'; readonly register: X64Register; readonly offset: number }
  | { readonly op: 'save'; readonly register: X64Register; readonly offset: number }
  | { readonly op: 'saveXmm'; readonly xmm: number; readonly offset: number }
  /** Done by the processor when it takes a trap: no instruction. */
  | { readonly op: 'machineFrame'; readonly errorCode: boolean };

/** A step of a prolog: a register pushed. */
export const pushed = (register: X64Register): PrologStep => ({ op: 'push', register });
/** Several pushes, first to last. */
export const pushedAll = (...registers: X64Register[]): PrologStep[] => registers.map(pushed);
/** A step of a prolog: room on the stack. */
export const allocated = (size: number): PrologStep => ({ op: 'allocate', size });
/** A step of a prolog: a register that keeps the frame. */
export const frameAt = (register: X64Register, offset: number): PrologStep => ({
  op: 'setFrame',
  register,
  offset,
});
/** A step of a prolog: a register stored in the frame. */
export const saved = (register: X64Register, offset: number): PrologStep => ({
  op: 'save',
  register,
  offset,
});
/** A step of a prolog: a vector register stored in the frame. */
export const savedXmm = (xmm: number, offset: number): PrologStep => ({ op: 'saveXmm', xmm, offset });
/** A step of a prolog: what the processor pushed for an exception. */
export const machineFrame = (errorCode: boolean): PrologStep => ({ op: 'machineFrame', errorCode });

export function prologInstruction(step: PrologStep): Instruction | undefined {
  switch (step.op) {
    case 'push':
      return push(step.register);
    case 'allocate':
      return subRsp(step.size);
    case 'setFrame':
      return lea(step.register, 'rsp', step.offset);
    case 'save':
      return store('rsp', step.offset, step.register);
    case 'saveXmm':
      return storeXmm('rsp', step.offset, step.xmm);
    case 'machineFrame':
      return undefined;
  }
}

/** The way back: restores, frees the frame and returns (from a trap with iretq). */
export function epilog(prolog: readonly PrologStep[]): Instruction[] {
  const code: Instruction[] = [];
  for (const step of prolog)
    if (step.op === 'save') code.push(load(step.register, 'rsp', step.offset));
    else if (step.op === 'saveXmm') code.push(loadXmm(step.xmm, 'rsp', step.offset));
  for (const step of prolog.toReversed())
    if (step.op === 'allocate') code.push(addRsp(step.size));
    else if (step.op === 'push') code.push(pop(step.register));
  const trap = prolog.find((step) => step.op === 'machineFrame');
  if (trap?.op === 'machineFrame' && trap.errorCode) code.push(addRsp(8));
  code.push(trap === undefined ? ret() : iretq());
  return code;
}

/** Unwind operations by the numbers of the public x64 documentation. */
const uwop = {
  pushNonvol: 0,
  allocLarge: 1,
  allocSmall: 2,
  setFpReg: 3,
  saveNonvol: 4,
  saveNonvolFar: 5,
  saveXmm128: 8,
  saveXmm128Far: 9,
  pushMachFrame: 10,
} as const;

const u16Slots = (value: number): number[] => [value & 0xff, (value >>> 8) & 0xff];
const u32Slots = (value: number): number[] => [...u16Slots(value & 0xffff), ...u16Slots(value >>> 16)];

/** The unwind code of a step whose instruction ends at `end`: 2, 4 or 6 bytes. */
function unwindCode(step: PrologStep, end: number): number[] {
  const code = (operation: number, info: number, ...more: number[]): number[] => [
    end,
    operation | (info << 4),
    ...more,
  ];
  switch (step.op) {
    case 'push':
      return code(uwop.pushNonvol, registerNumber(step.register));
    case 'allocate':
      if (step.size <= 128) return code(uwop.allocSmall, step.size / 8 - 1);
      if (step.size < 0x8_0000) return code(uwop.allocLarge, 0, ...u16Slots(step.size / 8));
      return code(uwop.allocLarge, 1, ...u32Slots(step.size));
    case 'setFrame':
      return code(uwop.setFpReg, 0);
    case 'save':
      if (step.offset < 0x8_0000)
        return code(uwop.saveNonvol, registerNumber(step.register), ...u16Slots(step.offset / 8));
      return code(uwop.saveNonvolFar, registerNumber(step.register), ...u32Slots(step.offset));
    case 'saveXmm':
      if (step.offset < 0x10_0000) return code(uwop.saveXmm128, step.xmm, ...u16Slots(step.offset / 16));
      return code(uwop.saveXmm128Far, step.xmm, ...u32Slots(step.offset));
    case 'machineFrame':
      return code(uwop.pushMachFrame, step.errorCode ? 1 : 0);
  }
}

/** UNWIND_INFO flags. */
const chainInfo = 4;

/** UNWIND_INFO, version 1; a moved part names the function that it belongs to. */
export function unwindInfo(prolog: readonly PrologStep[], chained?: UnwindPlace): Uint8Array {
  let end = 0;
  const codes = prolog.map((step) => {
    end += prologInstruction(step)?.length ?? 0;
    return unwindCode(step, end);
  });
  const slots = codes.toReversed().flat();
  const frame = prolog.find((step) => step.op === 'setFrame');
  const frameByte =
    frame?.op === 'setFrame' ? registerNumber(frame.register) | ((frame.offset / 16) << 4) : 0;
  assert(end < 0x100 && slots.length / 2 < 0x100, 'the prolog is too long for its unwind info');
  const head = [1 | ((chained ? chainInfo : 0) << 3), end, slots.length / 2, frameByte];
  const padding = slots.length % 4 === 0 ? [] : [0, 0];
  const parent = chained ? [chained.begin, chained.end, chained.unwindInfo].flatMap(u32Slots) : [];
  return Uint8Array.from([...head, ...slots, ...padding, ...parent]);
}
