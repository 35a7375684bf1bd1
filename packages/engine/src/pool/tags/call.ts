import type { Va } from '../../base/index.ts';
import type { Disassembler, Instruction } from '../../disasm/index.ts';
import type { ImageReader } from '../../pe/index.ts';

/** The call or jump that gets a tag. */
export interface TagCall {
  readonly address: Va;
  readonly target: Va | undefined;
  /** `nt!ExAllocatePoolWithTag`; `ntoskrnl.exe!...` where only the image's import table tells. */
  readonly name: string | undefined;
  /** `import`: through a slot of the image's import addresses, or another variable; `unknown`: through a register or a table. */
  readonly by: 'direct' | 'import' | 'unknown';
}

/** Code of one image as it was read: `at` is an index of `bytes`. */
export interface ReadCode {
  readonly disassembler: Disassembler;
  readonly module: { readonly name: string; readonly base: Va };
  readonly image: ImageReader;
  readonly bytes: Uint8Array;
  readonly vaOf: (at: number) => Va;
}

/** An instruction with the tag, and where the next one begins. */
export interface TaggedInstruction {
  readonly instruction: Instruction;
  readonly text: string;
  readonly next: number;
  /** Address of the instruction that makes the value whole: arm64 needs two. */
  readonly last: Va;
  /** Its bytes are in reverse order, and are turned round soon. */
  readonly isSwapped?: boolean;
  /** Bytes before it in a value of 64 bits. */
  readonly shift?: number;
}

/** A number of 32 bits with its bytes in reverse order. */
export const reversedBytes = (value: number): number =>
  ((value >>> 24) | ((value >>> 8) & 0xff00) | ((value & 0xff00) << 8) | (value << 24)) >>> 0;

/** Longest instruction of x86. */
export const maxInstruction = 15;
