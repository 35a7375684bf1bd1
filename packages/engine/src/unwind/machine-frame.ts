import { Fault, readU32, type Va } from '../base/index.ts';
import { RegisterSet } from '../cpu/index.ts';
import { KTRAP_FRAME64, MACHINE_FRAME64, StructView } from '../layouts/index.ts';
import { isUserAddress, type StackRange, type UnwindContext } from './frame.ts';
import { volatileRegisters } from './x64-state.ts';

/** What an x64 processor pushed at an interruption, recognised by its content. */
export interface FoundMachineFrame {
  readonly registers: RegisterSet;
  /** The KTRAP_FRAME whose last part it is, when the rest looks like one, too. */
  readonly trapFrame: Va | undefined;
}

export const machineFrameSize = MACHINE_FRAME64.size;

const kernelCode = 0x10;
const userCode = 0x33;
const userStack = 0x2b;
/** Bit 1 is always set; 3, 5, 15 and all from 22 on are always clear. */
const flagsMask = 0xffc0_802a;
const flagsValue = 0x2;
const interruptFlag = 0x200;

/** Low half of the u64 at `at`, or -1 when its high half is not 0. */
const small = (bytes: Uint8Array, at: number): number =>
  readU32(bytes, at + 4) === 0 ? readU32(bytes, at) : -1;

/** Quick test without big integers: do the selectors and flags at `at` fit a machine frame? The bytes reach 0x28 far. */
export function looksLikeMachineFrame(bytes: Uint8Array, at: number): boolean {
  const cs = small(bytes, at + MACHINE_FRAME64.fields.SegCs.offset);
  if (cs !== kernelCode && cs !== userCode) return false;
  const ss = small(bytes, at + MACHINE_FRAME64.fields.SegSs.offset);
  if (cs === kernelCode ? ss !== 0x18 && ss !== 0 : ss !== userStack) return false;
  const flags = small(bytes, at + MACHINE_FRAME64.fields.EFlags.offset);
  return flags !== -1 && (flags & flagsMask) === flagsValue;
}

/**
 * The machine frame at `va`, whose bytes start at `at`: undefined unless its selectors, flags, rip and rsp fit together.
 * In the kernel rip is in the code of a module, and rsp is what the processor would have pushed there: the address
 * right behind the frame before alignment, or a place on another known stack. For user mode, whose modules a kernel
 * dump does not list, the rest of the trap frame must fit, too.
 */
export function decodeMachineFrame(
  context: UnwindContext,
  bytes: Uint8Array,
  at: number,
  va: Va,
): FoundMachineFrame | undefined {
  if (!looksLikeMachineFrame(bytes, at)) return undefined;
  const view = new StructView(MACHINE_FRAME64, bytes, at);
  const trapFrame = va - BigInt(KTRAP_FRAME64.fields.Rip.offset);
  const saved = context.memory.tryRead(trapFrame, KTRAP_FRAME64.size);
  const trapBytes = !(saved instanceof Fault) && looksLikeTrapFrame(saved) ? saved : undefined;
  const fits =
    view.get('SegCs') === userCode
      ? trapBytes !== undefined && fitsUser(view)
      : fitsKernel(context, view, va);
  if (!fits) return undefined;
  return {
    registers: registersOf(view, trapBytes),
    trapFrame: trapBytes === undefined ? undefined : trapFrame,
  };
}

type FrameView = StructView<typeof MACHINE_FRAME64.fields>;

function registersOf(view: FrameView, trapFrame: Uint8Array | undefined): RegisterSet {
  return new RegisterSet('x64', [
    ...(trapFrame === undefined ? [] : volatileRegisters(trapFrame)),
    ['rip', view.get('Rip')],
    ['rsp', view.get('Rsp')],
    ['cs', BigInt(view.get('SegCs'))],
    ['efl', BigInt(view.get('EFlags'))],
    ['ss', BigInt(view.get('SegSs'))],
  ]);
}

function fitsKernel(context: UnwindContext, view: FrameView, va: Va): boolean {
  const rip = view.get('Rip');
  const rsp = view.get('Rsp');
  const module = isUserAddress(rip) || isUserAddress(rsp) ? undefined : context.code.findModule(rip);
  return (
    module !== undefined &&
    module.isExecutable(rip) !== false &&
    isPlausibleStack(rsp, va, context.stacks ?? [])
  );
}

/** User code runs with interrupts on, above the first 64 KB of a canonical address space. */
function fitsUser(view: FrameView): boolean {
  const isPlausible = (va: Va): boolean => va >= 0x1_0000n && va < 1n << 47n;
  return (
    isPlausible(view.get('Rip')) && isPlausible(view.get('Rsp')) && (view.get('EFlags') & interruptFlag) !== 0
  );
}

/** Without a change of stacks the processor pushes the frame right below rsp, rounded down to 16. */
function isPlausibleStack(rsp: Va, frame: Va, stacks: readonly StackRange[]): boolean {
  const distance = rsp - (frame + BigInt(machineFrameSize));
  if (distance >= 0n && distance < 16n) return true;
  return stacks.some(({ limit, base }) => rsp >= limit && rsp < base && (frame < limit || frame >= base));
}

/** Every trap entry stores the mode it came from and MXCSR, whose exception masks are set in the kernel. */
function looksLikeTrapFrame(bytes: Uint8Array): boolean {
  const view = new StructView(KTRAP_FRAME64, bytes);
  const fromUser = (view.get('SegCs') & 1) === 1;
  const mxcsr = view.get('MxCsr');
  const maskedMxcsr = fromUser ? mxcsr >>> 16 === 0 : (mxcsr & ~0x3f) === 0x1f80;
  return view.get('PreviousMode') <= 1 && view.get('ExceptionActive') <= 2 && maskedMxcsr;
}
