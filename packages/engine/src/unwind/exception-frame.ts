import { Fault, type Va } from '../base/index.ts';
import { RegisterSet } from '../cpu/index.ts';
import { KEXCEPTION_FRAME64, KTRAP_FRAME64, StructView } from '../layouts/index.ts';
import type { FoundFrame } from './found-frame.ts';
import type { UnwindContext } from './frame.ts';
import { decodeMachineFrame, machineFrameSize } from './machine-frame.ts';
import { judgeReturnAddress } from './scan.ts';

/** Nonvolatile registers that KiBugCheckDispatch saves, and where; it leaves rbp alone. */
const saved = [
  ['rbx', 'Rbx'],
  ['rdi', 'Rdi'],
  ['rsi', 'Rsi'],
  ['r12', 'R12'],
  ['r13', 'R13'],
  ['r14', 'R14'],
  ['r15', 'R15'],
] as const;

/** In a trap handler of x64, rbp points so far into its KTRAP_FRAME. */
const framePointerOffset = 0x80n;
/** What a handler has on its stack below the trap frame: at most the room for arguments of a system call. */
const handlerRoom = 0x100n;

/**
 * The trap handler that raised the bug check, where no unwind tables are in the dump. It calls KiBugCheckDispatch, whose
 * frame is a KEXCEPTION_FRAME with the return address in its last field, and that calls KeBugCheckEx, where the context
 * was taken. So `dispatch`, to which the context's frame returns, is the one when the registers in its frame are those of
 * the context, and rbp leads to a trap frame. Without this a scan may take old words below the trap frame for frames.
 * Source: the layouts; seen in three real dumps of build 19041.
 */
export function findTrapHandler(
  context: UnwindContext,
  { registers, trust }: FoundFrame,
  dispatch: FoundFrame,
): FoundFrame | undefined {
  const rbp = registers.get('rbp');
  if (context.machine !== 'x64' || trust !== 'context' || rbp === undefined) return undefined;
  const bytes = context.memory.tryRead(dispatch.sp, KEXCEPTION_FRAME64.size);
  if (bytes instanceof Fault) return undefined;
  const view = new StructView(KEXCEPTION_FRAME64, bytes);
  if (saved.some(([name, field]) => view.get(field) !== registers.get(name))) return undefined;
  const ip = view.get('Return');
  const sp = dispatch.sp + BigInt(KEXCEPTION_FRAME64.size);
  const trapFrame = rbp - framePointerOffset;
  const judged = judgeReturnAddress(context, ip);
  const isNear = trapFrame >= sp && trapFrame - sp < handlerRoom;
  if (judged === undefined || !isNear || readInterrupted(context, trapFrame) === undefined) return undefined;
  const kept = [...saved.map(([name]) => name), 'rbp'].map((name) => [name, registers.get(name)!] as const);
  return {
    ip,
    sp,
    trust: 'scan',
    registers: new RegisterSet('x64', [...kept, ['rip', ip], ['rsp', sp]]),
    handles: trapFrame,
    note: ['it called a function that saved the registers of the crash', judged.note]
      .filter((text) => text !== undefined)
      .join('; '),
  };
}

/** The interrupted code, from the trap frame that its handler stands on. */
export function readInterrupted(context: UnwindContext, trapFrame: Va): FoundFrame | undefined {
  const at = trapFrame + BigInt(KTRAP_FRAME64.fields.Rip.offset);
  const bytes = context.memory.tryRead(at, machineFrameSize);
  const found = bytes instanceof Fault ? undefined : decodeMachineFrame(context, bytes, 0, at);
  if (found?.trapFrame !== trapFrame) return undefined;
  const { registers } = found;
  const note = 'machine frame recognised on the stack';
  return { ip: registers.ip!, sp: registers.sp!, registers, trust: 'trap', trapFrame, note };
}
