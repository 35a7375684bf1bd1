/** The part of capstone-wasm that is used; the package's own types cannot be reached through its exports. */
declare module 'capstone-wasm' {
  export interface Insn {
    readonly size: number;
    readonly mnemonic: string;
    readonly opStr: string;
  }

  export class Capstone {
    constructor(arch: number, mode: number);
    /** Throws `Failed to disassemble, ...` when the first word is no instruction. */
    disasm(data: Uint8Array, options?: { address?: number | bigint; count?: number }): Insn[];
  }

  export const Const: { readonly CS_ARCH_ARM64: number; readonly CS_MODE_LITTLE_ENDIAN: number };

  export function loadCapstone(): Promise<void>;
}
