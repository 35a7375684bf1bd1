import { RegisterSet } from '../cpu/index.ts';
import { type CodeMap, isReturnAddress } from '../unwind/index.ts';
import type { Target } from './target.ts';
import type { Thread } from './thread.ts';

/** What nt!SwapContext leaves at KTHREAD.KernelStack: offsets in bytes. */
interface SwitchFrame {
  readonly size: number;
  readonly returnAddress: number;
  /** Saved frame pointer, where the frame has one. */
  readonly framePointer: number | undefined;
}

/**
 * KSWITCH_FRAME of x64 (home slots, APC bypass, rbp, return address) and of x86 (exception list, APC bypass, return
 * address). No PDB has the types. Source: public descriptions of nt!SwapContext; not seen in a real dump, so what is found
 * is checked. Of arm64 nothing is known.
 */
const switchFrames: Readonly<Record<Target['machine'], SwitchFrame | undefined>> = {
  x64: { size: 0x40, returnAddress: 0x38, framePointer: 0x30 },
  x86: { size: 0xc, returnAddress: 8, framePointer: undefined },
  arm64: undefined,
};

/**
 * Registers of a thread that does not run: those it goes on with when it is switched to, in the caller of
 * nt!SwapContext. Undefined where the machine's frame is not known, the stack is not in the dump, or what is there does
 * not return into code: a thread that runs, or one whose stack is out of memory.
 */
export function readSwitchedThread(
  target: Target,
  { kernelStack, stackLimit, stackBase }: Thread,
  code: CodeMap,
): RegisterSet | undefined {
  const frame = switchFrames[target.machine];
  if (frame === undefined || kernelStack === undefined) return undefined;
  const inStack =
    (stackLimit === undefined || kernelStack >= stackLimit) &&
    (stackBase === undefined || kernelStack + BigInt(frame.size) <= stackBase);
  const ip = inStack ? target.readPointer(kernelStack + BigInt(frame.returnAddress)) : undefined;
  if (ip === undefined || code.findModule(ip)?.isExecutable(ip) === false) return undefined;
  if (code.findModule(ip) === undefined || isReturnAddress(target.memory, ip, target.machine) === 'no-call')
    return undefined;
  const sp = kernelStack + BigInt(frame.size);
  if (target.machine === 'x86')
    return new RegisterSet('x86', [
      ['eip', BigInt.asUintN(32, ip)],
      ['esp', BigInt.asUintN(32, sp)],
    ]);
  const rbp = target.readPointer(kernelStack + BigInt(frame.framePointer!));
  return new RegisterSet('x64', [
    ['rip', ip],
    ['rsp', sp],
    ...(rbp === undefined ? [] : [['rbp', rbp] as const]),
  ]);
}
