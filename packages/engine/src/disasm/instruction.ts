import type { Va } from '../base/index.ts';
import type { Machine } from '../cpu/index.ts';

/** Memory that an instruction names: base + index * scale + displacement, in a segment. */
export interface MemoryOperand {
  /** Segment that the processor uses; arm64 has none and says `ds`. */
  readonly segment: 'ds' | 'ss' | 'cs' | 'es' | 'fs' | 'gs';
  /** Register as wide as the address arithmetic: `rax`, `eax`, `x8`, `sp`. */
  readonly base?: string;
  readonly index?: string;
  /** How arm64 widens the low half of the index register; absent when all of it counts. */
  readonly indexExtend?: 'uxtw' | 'sxtw';
  readonly scale: number;
  /** Signed. With `ipRelative`, counted from the next instruction on x64 and from this one on arm64. */
  readonly displacement: bigint;
  readonly ipRelative: boolean;
  /** Bytes accessed, 0 when the instruction does not say. */
  readonly size: number;
  /** `none`: the address is computed (lea) or hinted at (nop, prefetch), nothing is touched. */
  readonly access: 'read' | 'write' | 'read-write' | 'none';
}

/** What follows the instruction. `interrupt`: int n, syscall, svc, brk; `exception`: ud2, a word that always faults. */
export type Flow =
  | 'next'
  | 'call'
  | 'indirect-call'
  | 'branch'
  | 'conditional-branch'
  | 'indirect-branch'
  | 'return'
  | 'interrupt'
  | 'exception';

/** An operand that holds an address. Reads `before + name (address) + after` when the address has a name, else `plain`. */
export interface AddressText {
  readonly address: Va;
  readonly before: string;
  readonly after: string;
  readonly plain: string;
}

/** One operand as the debugger prints it. */
export type OperandText = string | AddressText;

/** One decoded instruction: plain data, nothing of the disassembler library is kept. */
export interface Instruction {
  readonly machine: Machine;
  readonly address: Va;
  readonly length: number;
  readonly bytes: Uint8Array;
  /** With prefixes, as printed: `mov`, `lock cmpxchg`, `rep stos`. */
  readonly mnemonic: string;
  readonly operands: readonly OperandText[];
  readonly flow: Flow;
  /** Destination of a direct branch or call. */
  readonly target?: Va;
  /** Memory operands in order of printing; the stack slots of push, pop, call and ret are not among them. */
  readonly memory: readonly MemoryOperand[];
  /** Registers read, full-width names (`rax`, `xmm0`, `x8`, flags as `efl` or `cpsr`). A write to a part also reads the rest. */
  readonly reads: readonly string[];
  /** Registers written or possibly written, full-width names. */
  readonly writes: readonly string[];
}

/** Instructions of one machine. `openSession` loads it. */
export interface Disassembler {
  readonly machine: Machine;
  /** Undefined: not an instruction, or cut off by the end of `bytes`. Never throws. */
  decode(bytes: Uint8Array, address: Va): Instruction | undefined;
  /** The same answer with less in it, at a fraction of the work; not every library offers it. */
  outline?(bytes: Uint8Array, address: Va): Outline | undefined;
}

/** What tells where the next instruction begins, and whether this one is likely. */
export type Outline = Pick<Instruction, 'length' | 'mnemonic'>;

/** Name of an address, e.g. `nt!KeBugCheckEx+0x10`. */
export type Symbolize = (address: Va) => string | undefined;
