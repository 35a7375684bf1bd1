import type { FrameData } from '../pdb/index.ts';
import type { FoundFrame } from './found-frame.ts';
import { isInterrupted, type StackRange, type UnwindContext } from './frame.ts';
import { judgeReturnAddress } from './scan.ts';
import { X86Step } from './x86-frame-step.ts';

/** Frame type of FPO_DATA: the function stands on a KTRAP_FRAME. */
const trapFrame = 1;

/** How the code of a frame uses its stack; a return address may stand behind the last byte of its function. */
export function frameDataAt({ code }: UnwindContext, { ip, trust }: FoundFrame): FrameData | undefined {
  const module = code.findModule(ip);
  const rva = module === undefined ? 0 : Number(ip - module.base) - (isInterrupted(trust) ? 0 : 1);
  return module?.frameDataAt?.(rva);
}

/**
 * The caller of an x86 frame by the frame data of its function: what a program of the symbols computes, or what the sizes
 * of FPO_DATA say; inside of a prolog or an epilog what their instructions have done. `callee`: the frame that this one
 * called. Undefined where the symbols do not tell, or what they tell cannot be. A caller at address 0 is none: there the
 * stack ends.
 */
export function findByFrameData(
  context: UnwindContext,
  current: FoundFrame,
  callee: FoundFrame | undefined,
  stack: StackRange | undefined,
): FoundFrame | undefined {
  const data = frameDataAt(context, current);
  if (data === undefined || data.frameType === trapFrame) return undefined;
  const step = new X86Step(context, current, data, argumentBytes(context, current, callee));
  for (const way of [step.byEpilog, step.byProlog, step.byProgram, step.bySizes]) {
    const caller = way.call(step);
    const checked = caller === undefined ? undefined : checkCaller(context, current, caller, stack);
    if (checked !== undefined) return checked;
  }
  return undefined;
}

/** The caller, if it stands further up in the same stack, and its address is a return address or the 0 that ends a stack. */
function checkCaller(
  context: UnwindContext,
  current: FoundFrame,
  caller: FoundFrame,
  stack: StackRange | undefined,
): FoundFrame | undefined {
  const { ip, sp } = caller;
  if (sp <= current.sp || sp % 4n !== 0n || (stack !== undefined && sp > stack.base)) return undefined;
  const judged = ip === 0n ? { note: undefined } : judgeReturnAddress(context, ip);
  if (judged === undefined) return undefined;
  const notes = [caller.note, judged.note].filter((text) => text !== undefined);
  return { ...caller, note: notes.length === 0 ? undefined : notes.join('; ') };
}

/** What the callee takes off the stack when it returns: it is still there. */
function argumentBytes(context: UnwindContext, current: FoundFrame, callee: FoundFrame | undefined): number {
  if (callee === undefined || isInterrupted(current.trust)) return 0;
  return frameDataAt(context, callee)?.parameterBytes ?? 0;
}
