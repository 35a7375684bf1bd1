import type { Va } from '../base/index.ts';
import type { Machine, RegisterSet } from '../cpu/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';
import type { FrameData } from '../pdb/index.ts';
import type { ImageReader } from '../pe/index.ts';

/**
 * How a frame was found, from certain to probable.
 * - `context`: the registers that the walk started with
 * - `trap`: what the processor pushed when it was interrupted, or a machine frame that looks in every respect like it
 * - `unwind`: by the image's unwind tables, on x86 by the frame data of its symbols
 * - `frame-pointer`: by the chain of frame pointers
 * - `scan`: a word on the stack that looks like a return address; it may be left over from an earlier call
 */
export type Trust = 'context' | 'trap' | 'unwind' | 'frame-pointer' | 'scan';

/** Is this the code that ran, not one that waits for its callee? */
export const isInterrupted = (trust: Trust): boolean => trust === 'context' || trust === 'trap';

/** A call on a stack, and what is known of its registers. */
export interface Frame {
  /** Instruction pointer: where the function was interrupted, or where its callee returns to. */
  readonly ip: Va;
  /** Stack pointer in this frame. After a scan: the address behind the word that was found. */
  readonly sp: Va;
  /** Where this frame returns to: `ip` of the next frame, or the value that ended the walk when it is known. */
  readonly returnAddress?: Va;
  /**
   * Stack pointer of the caller: `sp` of the next frame, known for the last one where the return address is. On x64 the home
   * slots of this function's arguments start there, on x86 the arguments themselves.
   */
  readonly callerSp?: Va;
  readonly trust: Trust;
  /** Registers known in this frame; a caller's volatile registers are lost. */
  readonly registers: RegisterSet;
  /** Address of the KTRAP_FRAME that this frame made for the next one. */
  readonly trapFrame?: Va;
  /** What is uncertain about this frame. */
  readonly note?: string;
}

/** A loaded image as the unwinders need it. */
export interface CodeModule {
  readonly base: Va;
  /** Bytes. */
  readonly size: number;
  readonly image: ImageReader;
  /** Is there code at `va`? Undefined when the section headers are not in the dump. */
  isExecutable(va: Va): boolean | undefined;
  /** Does a function surely begin at `va`? Where it is known nothing returns there. */
  isFunctionStart?(va: Va): boolean;
  /** How x86 code uses its stack, where symbols tell. */
  frameDataAt?(rva: number): FrameData | undefined;
}

export interface CodeMap {
  /** The module that holds `va`. */
  findModule(va: Va): CodeModule | undefined;
}

/** A stack: addresses from `limit` up to `base`, exclusive. */
export interface StackRange {
  readonly limit: Va;
  readonly base: Va;
}

export interface UnwindContext {
  readonly machine: Machine;
  readonly memory: VirtualMemory;
  readonly code: CodeMap;
  /** Stacks known for this thread and its processor: they bound the walk. */
  readonly stacks?: readonly StackRange[];
}

/** One frame undone. */
export interface UnwindStep {
  /** Registers of the caller, or of the interrupted code. */
  readonly registers: RegisterSet;
  /** `leaf`: no table entry, so the function has no frame. */
  readonly by: 'codes' | 'epilog' | 'leaf';
  /** The step went over something that the processor or the kernel saved at an interruption. */
  readonly trap: boolean;
  /** The KTRAP_FRAME that it went over, where there is one. */
  readonly trapFrame?: Va;
}

/** Why a frame cannot be undone by the tables: a value, not an exception. */
export class UnwindFailure {
  /** One plain sentence without a full stop. */
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Is this an address of user mode? 32-bit addresses are sign-extended, so the top bit decides everywhere. */
export const isUserAddress = (va: Va): boolean => va < 1n << 63n;
