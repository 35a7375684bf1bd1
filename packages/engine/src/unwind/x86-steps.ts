import { readI32 } from '../base/index.ts';

/** Registers of x86 in the order of their numbers. */
export const x86RegisterNames = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'] as const;
const esp = 4;
const ebp = 5;

/** What an instruction does to the stack and to registers, by their numbers; `size`: its length in bytes. */
export type StackStep =
  | { readonly op: 'push'; readonly size: number; readonly register: number | undefined }
  | { readonly op: 'pop'; readonly size: number; readonly register: number }
  | { readonly op: 'add'; readonly size: number; readonly bytes: number }
  | { readonly op: 'jump'; readonly size: number; readonly distance: number }
  /** mov ebp,esp; mov esp,ebp; leave; ret */
  | { readonly op: 'frame' | 'unframe' | 'leave' | 'return'; readonly size: number }
  /** Anything else that changes one register at most, and not esp. */
  | { readonly op: 'other'; readonly size: number; readonly writes: number | undefined };

/** Opcodes with a ModRM operand: bytes of an immediate behind it, and which operand is written. */
const withOperand: Readonly<Record<number, readonly [immediate: number, writes: 'reg' | 'rm' | 'none']>> = {
  ...{ 0x03: [0, 'reg'], 0x0b: [0, 'reg'], 0x23: [0, 'reg'], 0x2b: [0, 'reg'], 0x33: [0, 'reg'] },
  ...{ 0x01: [0, 'rm'], 0x09: [0, 'rm'], 0x21: [0, 'rm'], 0x29: [0, 'rm'], 0x31: [0, 'rm'] },
  ...{ 0x89: [0, 'rm'], 0x8b: [0, 'reg'], 0x8d: [0, 'reg'], 0xc7: [4, 'rm'] },
  ...{ 0x38: [0, 'none'], 0x39: [0, 'none'], 0x3a: [0, 'none'], 0x3b: [0, 'none'] },
  ...{ 0x84: [0, 'none'], 0x85: [0, 'none'], 0x81: [4, 'rm'], 0x83: [1, 'rm'] },
};

/** Opcodes that use al or eax, by their length: moves, and arithmetic with immediate values. */
const ofAccumulator: Readonly<Record<number, number>> = {
  ...{ 0xa0: 5, 0xa1: 5, 0xa2: 5, 0xa3: 5, 0x0c: 2, 0x24: 2, 0x3c: 2, 0xa8: 2 },
  ...{ 0x05: 5, 0x0d: 5, 0x25: 5, 0x2d: 5, 0x35: 5, 0x3d: 5, 0xa9: 5 },
};

/**
 * The instruction at `at`, if it is one that compilers put into prologs and epilogs. Undefined for all others, for those
 * that compute esp, and where bytes are missing.
 */
export function decodeStackStep(code: Uint8Array, at: number): StackStep | undefined {
  const step =
    decodePlain(code, at) ?? decodeFrameStep(code, at) ?? decodeJump(code, at) ?? decodeOther(code, at);
  if (step === undefined || at + step.size > code.length) return undefined;
  return step.op === 'other' && step.writes === esp ? undefined : step;
}

/** Instructions without a ModRM operand. */
function decodePlain(code: Uint8Array, at: number): StackStep | undefined {
  const opcode = code[at] ?? -1;
  const low = opcode & 7;
  if (opcode >= 0x40 && opcode <= 0x4f) return { op: 'other', size: 1, writes: low };
  if (opcode >= 0x50 && opcode <= 0x57) return { op: 'push', size: 1, register: low };
  if (opcode >= 0x58 && opcode <= 0x5f)
    return low === esp ? undefined : { op: 'pop', size: 1, register: low };
  if (opcode >= 0xb0 && opcode <= 0xb7) return { op: 'other', size: 2, writes: low & 3 };
  if (opcode >= 0xb8 && opcode <= 0xbf) return { op: 'other', size: 5, writes: low };
  switch (opcode) {
    case 0x6a:
      return { op: 'push', size: 2, register: undefined };
    case 0x68:
      return { op: 'push', size: 5, register: undefined };
    case 0x90:
      return { op: 'other', size: 1, writes: undefined };
    case 0xc2:
      return { op: 'return', size: 3 };
    case 0xc3:
      return { op: 'return', size: 1 };
    case 0xc9:
      return { op: 'leave', size: 1 };
    default: {
      const size = ofAccumulator[opcode];
      return size === undefined ? undefined : { op: 'other', size, writes: 0 };
    }
  }
}

/** Changes of esp, and moves between esp and ebp in either encoding. */
function decodeFrameStep(code: Uint8Array, at: number): StackStep | undefined {
  const opcode = code[at];
  const operand = code[at + 1];
  if ((opcode === 0x83 || opcode === 0x81) && (operand === 0xc4 || operand === 0xec)) {
    const size = opcode === 0x83 ? 3 : 6;
    if (at + size > code.length) return undefined;
    const value = opcode === 0x83 ? (code[at + 2]! << 24) >> 24 : readI32(code, at + 2);
    return { op: 'add', size, bytes: operand === 0xc4 ? value : -value };
  }
  const is = (...pairs: readonly (readonly [number, number])[]) =>
    pairs.some(([first, second]) => opcode === first && operand === second);
  if (is([0x8b, 0xec], [0x89, 0xe5])) return { op: 'frame', size: 2 };
  return is([0x8b, 0xe5], [0x89, 0xec]) ? { op: 'unframe', size: 2 } : undefined;
}

function decodeJump(code: Uint8Array, at: number): StackStep | undefined {
  if (code[at] === 0xeb && at + 2 <= code.length)
    return { op: 'jump', size: 2, distance: (code[at + 1]! << 24) >> 24 };
  if (code[at] === 0xe9 && at + 5 <= code.length)
    return { op: 'jump', size: 5, distance: readI32(code, at + 1) };
  return undefined;
}

function decodeOther(code: Uint8Array, at: number): StackStep | undefined {
  const opcode = code[at] ?? -1;
  // fs: the list of exception handlers is at its beginning.
  if (opcode === 0x64) {
    const step = code[at + 1] === 0x64 ? undefined : (decodePlain(code, at + 1) ?? decodeOther(code, at + 1));
    return step?.op === 'other' || step?.op === 'push' ? { ...step, size: step.size + 1 } : undefined;
  }
  const operand = code[at + 1] ?? 0;
  const register = (operand >> 3) & 7;
  // movzx and movsx
  if (opcode === 0x0f)
    return (operand & 0xf6) === 0xb6
      ? { op: 'other', size: 2 + operandSize(code, at + 2), writes: ((code[at + 2] ?? 0) >> 3) & 7 }
      : undefined;
  if (opcode === 0xff)
    return register === 6
      ? { op: 'push', size: 1 + operandSize(code, at + 1), register: undefined }
      : undefined;
  const shape = withOperand[opcode];
  if (shape === undefined) return undefined;
  const [immediate, writes] = shape;
  const target =
    writes === 'reg' ? register : writes === 'rm' && operand >> 6 === 3 ? operand & 7 : undefined;
  return {
    op: 'other',
    size: 1 + operandSize(code, at + 1) + immediate,
    writes: keeps(opcode, operand) ? undefined : target,
  };
}

/** mov edi,edi begins functions that can be patched; the last of the eight operations of 81 and 83 is cmp. */
const keeps = (opcode: number, operand: number): boolean =>
  (opcode === 0x8b && operand === 0xff) ||
  ((opcode === 0x81 || opcode === 0x83) && ((operand >> 3) & 7) === 7);

/** Bytes of a ModRM operand. */
function operandSize(code: Uint8Array, at: number): number {
  const operand = code[at] ?? 0;
  const mode = operand >> 6;
  const register = operand & 7;
  if (mode === 3) return 1;
  const sib = register === esp ? 1 : 0;
  const base = sib === 1 ? (code[at + 1] ?? 0) & 7 : register;
  return 1 + sib + (mode === 1 ? 1 : mode === 2 || base === ebp ? 4 : 0);
}
