import { wrap64 } from '../base/index.ts';
import type { RegisterSet } from '../cpu/index.ts';
import { KTRAP_FRAME64 } from '../layouts/index.ts';
import { ImageProblem, type ImageReader, type RuntimeFunction, readExceptionDirectory } from '../pe/index.ts';
import { readSomeCode } from './code-bytes.ts';
import { type CodeModule, type UnwindContext, UnwindFailure, type UnwindStep } from './frame.ts';
import { decodeX64Epilog, maxEpilogLength } from './x64-epilog.ts';
import { X64State } from './x64-state.ts';
import { readX64UnwindInfo, type X64Code, X64Op, type X64UnwindInfo } from './x64-unwind-info.ts';

/** As many as the system's own unwinder follows. */
const maxChain = 32;

/** A function's entry with its unwind information. */
interface Function64 extends RuntimeFunction {
  readonly info: X64UnwindInfo;
}

/**
 * Undoes one x64 frame by the unwind tables: registers of the caller, or of the interrupted code when the function
 * stands on a machine frame. A failure when the tables do not tell; never throws.
 * Source: the public documentation of x64 exception handling, and the unwinder published with the .NET runtime.
 */
export function unwindX64(registers: RegisterSet, context: UnwindContext): UnwindStep | UnwindFailure {
  const { ip } = registers;
  const module = ip === undefined ? undefined : context.code.findModule(ip);
  if (ip === undefined || module === undefined) return new UnwindFailure('the address is in no module');
  const directory = readExceptionDirectory(module.image);
  if (directory instanceof ImageProblem) return new UnwindFailure(directory.reason);
  const rva = Number(ip - module.base);
  const entry = directory.findRuntimeFunction(rva);
  if (entry instanceof ImageProblem) return new UnwindFailure(entry.reason);
  const state = new X64State(context.memory, registers);
  if (entry === undefined) return undoLeaf(state, module, ip);
  const chain = readChain(module.image, entry);
  if (chain instanceof UnwindFailure) return chain;
  const epilog = undoEpilog(state, chain, rva, module, context);
  if (!epilog) undoProlog(state, chain, rva);
  return finish(
    state,
    epilog ? 'epilog' : 'codes',
    frameBase(new X64State(context.memory, registers), chain[0]!, rva),
  );
}

/** A function without an entry has no frame: its return address is on top of the stack. */
function undoLeaf(state: X64State, module: CodeModule, ip: bigint): UnwindStep | UnwindFailure {
  if (module.isExecutable(ip) === false)
    return new UnwindFailure('the address is not in the code of its module');
  state.popReturnAddress();
  return finish(state, 'leaf', undefined);
}

/** The function and the parents whose prologs ran before its own. */
function readChain(image: ImageReader, entry: RuntimeFunction): readonly Function64[] | UnwindFailure {
  const chain: Function64[] = [];
  let next: RuntimeFunction | undefined = entry;
  while (next !== undefined) {
    if (chain.length >= maxChain) return new UnwindFailure('the chain of unwind information does not end');
    const info = readX64UnwindInfo(image, next.unwindData);
    if (info instanceof ImageProblem) return new UnwindFailure(info.reason);
    chain.push({ ...next, info });
    next = info.parent;
  }
  return chain;
}

/** Has the instruction that ends `offset` bytes into the function run? Parts that lie elsewhere come after the prolog. */
const hasRun = ({ begin }: RuntimeFunction, rva: number, offset: number): boolean =>
  (rva - begin) >>> 0 >= offset;

/** Where saved registers are counted from: the frame register once it is set, else the stack pointer. */
function frameBase(state: X64State, current: Function64, rva: number): bigint | undefined {
  const { frameRegister, frameOffset, sizeOfProlog, codes, parent } = current.info;
  if (frameRegister === 0) return state.rsp;
  const set = codes.find(({ op }) => op === X64Op.SetFpreg);
  const established =
    parent !== undefined ||
    hasRun(current, rva, sizeOfProlog) ||
    (set !== undefined && hasRun(current, rva, set.offset));
  const value = established ? state.get(frameRegister) : state.rsp;
  return value === undefined || !established ? value : wrap64(value - BigInt(frameOffset));
}

function undoProlog(state: X64State, chain: readonly Function64[], rva: number): void {
  const base = frameBase(state, chain[0]!, rva);
  for (const current of chain) {
    for (const code of current.info.codes) {
      if (hasRun(current, rva, code.offset)) undoCode(state, code, current.info, base);
      if (state.machineFrame !== undefined) return;
    }
  }
  state.popReturnAddress();
}

function undoCode(state: X64State, code: X64Code, info: X64UnwindInfo, base: bigint | undefined): void {
  switch (code.op) {
    case X64Op.PushNonvol:
      return state.pop(code.info);
    case X64Op.AllocSmall:
    case X64Op.AllocLarge:
      return state.allocate(code.value);
    case X64Op.SetFpreg: {
      const value = state.get(info.frameRegister);
      state.rsp = value === undefined ? undefined : wrap64(value - BigInt(info.frameOffset));
      return;
    }
    case X64Op.SaveNonvol:
    case X64Op.SaveNonvolFar:
      return state.restore(code.info, base === undefined ? undefined : base + BigInt(code.value));
    case X64Op.PushMachframe:
      return state.popMachineFrame(code.info !== 0);
    default:
      // XMM registers are not kept.
      return undefined;
  }
}

/** Runs the rest of an epilog when `rva` is in one. */
function undoEpilog(
  state: X64State,
  chain: readonly Function64[],
  rva: number,
  module: CodeModule,
  context: UnwindContext,
): boolean {
  const { info } = chain[0]!;
  if (info.version === 2) return undoDescribedEpilog(state, chain, rva);
  const epilog = decodeX64Epilog(
    readSomeCode(context, module.base + BigInt(rva), maxEpilogLength),
    info.frameRegister,
  );
  if (epilog === undefined) return false;
  if (epilog.jump !== undefined && !leavesFunction(module.image, chain, rva + epilog.jump)) return false;
  const { adjust } = epilog;
  const from = adjust?.from === 'frame' ? state.get(info.frameRegister) : state.rsp;
  state.rsp = from === undefined ? undefined : wrap64(from + BigInt(adjust?.value ?? 0));
  for (const register of epilog.pops) state.pop(register);
  state.popReturnAddress();
  return true;
}

/** A jump to the start of the function is a call of itself; one to another of its parts stays in it. */
function leavesFunction(image: ImageReader, chain: readonly Function64[], target: number): boolean {
  const current = chain[0]!;
  const primary = chain.at(-1)!;
  if (target >= current.begin && target < current.end) return target === primary.begin;
  const directory = readExceptionDirectory(image);
  const entry = directory instanceof ImageProblem ? undefined : directory.findRuntimeFunction(target);
  if (entry === undefined || entry instanceof ImageProblem) return true;
  const other = readChain(image, entry);
  if (other instanceof UnwindFailure) return true;
  const otherPrimary = other.at(-1)!;
  return otherPrimary.begin !== primary.begin || target === otherPrimary.begin;
}

/**
 * Version 2 tells where the epilogs are, from their first pop on; what they have not popped yet is undone by the
 * push codes, which stand together in one function of the chain. A push of the flags counts as an allocation of 8.
 */
function undoDescribedEpilog(state: X64State, chain: readonly Function64[], rva: number): boolean {
  const { end, info } = chain[0]!;
  const { epilogs } = info;
  const start = epilogs?.distances
    .map((distance) => end - distance)
    .find((at) => rva >= at && rva < at + epilogs.size);
  if (start === undefined) return false;
  const isPush = ({ op }: X64Code): boolean => op === X64Op.PushNonvol || op === X64Op.PushMachframe;
  const codes = chain.map(({ info: each }) => each.codes).find((each) => each.some(isPush)) ?? [];
  let at = start;
  for (const code of codes.slice(codes.findIndex(isPush))) {
    if (code.op === X64Op.PushMachframe) {
      // The processor's own error code is gone by the time of an iretq.
      state.popMachineFrame(false);
      return true;
    }
    if (code.op !== X64Op.PushNonvol && !(code.op === X64Op.AllocSmall && code.value === 8)) break;
    if (at >= rva) undoCode(state, code, info, undefined);
    at += code.op === X64Op.PushNonvol && code.info >= 8 ? 2 : 1;
  }
  state.popReturnAddress();
  return true;
}

function finish(state: X64State, by: UnwindStep['by'], base: bigint | undefined): UnwindStep | UnwindFailure {
  const { machineFrame } = state;
  if (state.rip === undefined || state.rsp === undefined) {
    return new UnwindFailure('the stack, or a register that the unwind information needs, is not known');
  }
  if (machineFrame === undefined) return { registers: state.callerRegisters(), by, trap: false };
  // In handlers of the kernel the frame's base is the trap frame, at whose end the processor pushed the machine frame.
  const trapFrame = wrap64(machineFrame - BigInt(KTRAP_FRAME64.fields.Rip.offset));
  const isTrapFrame = base === trapFrame;
  const registers = state.interruptedRegisters(isTrapFrame ? trapFrame : undefined);
  return { registers, by, trap: true, ...(isTrapFrame ? { trapFrame } : {}) };
}
