import type { Fault, Va } from '../base/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';

/** What an expression can refer to. */
export interface EvaluationContext {
  readonly memory: VirtualMemory;
  readonly pointerSize: 4 | 8;
  /** Default base of numbers; 16 in the debugger. */
  readonly radix: number;
  /**
   * A register by its lower-case name without the @; pseudo registers with their `$`; `.` for the current instruction.
   * Undefined: there is no such register. Throws a DebuggerError that says why when it has no value here.
   */
  findRegister(name: string): bigint | undefined;
  /** Address of `module!name`, `name` or a module's base by its name; `anyCase`: capitals do not matter. */
  findSymbol(name: string, anyCase?: boolean): Va | undefined;
  /** Bytes at a physical address; absent when the dump holds no physical memory. */
  readonly readPhysical?: ((pa: bigint, length: number) => Uint8Array | Fault) | undefined;
  /** Value of a C++ expression; absent where there is no evaluator for these. Throws a DebuggerError. */
  readonly evaluateCpp?: ((text: string) => bigint) | undefined;
  /** Entry point of the image at a base, for `$iment`. */
  readonly findEntryPoint?: ((base: Va) => Va | undefined) | undefined;
}
