import type { Va } from '@poolscope/engine/base';
import type { PlacedFunction } from '../image/built-image.ts';
import type { Registers, TrueFrame } from './truth.ts';

/** What the processor reports when it takes a fault. */
export interface FaultReport {
  readonly errorCode: number;
  /** Address that the processor names (CR2, FAR); 0 when it names none. */
  readonly address: Va;
}

/**
 * A thread that runs: calls and traps leave on its stack exactly what the functions' prologs and the processor leave
 * there, and every frame is noted down as it is left. Nonvolatile registers that a function saved get new, small values,
 * so that a reader which does not restore them is found out.
 */
export interface SimulatedThread<Step> {
  readonly registers: Registers;
  readonly stackPointer: Va;
  /** Trap frame of the running function, if it made one. */
  readonly trapFrame: Va | undefined;

  /** What the running function's body puts into registers. */
  set(values: Registers): this;
  /** Writes into the running function's frame, at an offset from the stack pointer; the address. */
  store(offset: number, bytes: Uint8Array): Va;

  /** The first function of a thread: there is nothing to return to. */
  start(first: PlacedFunction<Step>): this;
  /** A system call from user mode, with an empty kernel stack. */
  enterFromUser(handler: PlacedFunction<Step>, user: { readonly ip: Va; readonly sp: Va }): this;
  /** Calls a function and runs its prolog. Arguments matter where they are passed on the stack. */
  call(callee: PlacedFunction<Step>, values?: Registers, stackArguments?: readonly bigint[]): this;
  /** Jumps to a part of the running function that lies elsewhere. */
  moveTo(part: PlacedFunction<Step>): this;
  /** Passes arguments to a function and stops before its first instruction. */
  stopAt(callee: PlacedFunction<Step>, values: readonly bigint[]): this;
  /** The processor takes an exception at a label of the running function. */
  trap(at: string, handler: PlacedFunction<Step>, report: FaultReport): this;

  /** All frames, newest first. */
  frames(): readonly TrueFrame[];
}
