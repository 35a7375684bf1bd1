import { readI32 } from '../base/index.ts';

/** Registers in the order of their numbers. */
const names = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'] as const;

/** Instructions that prologs and epilogs are made of: a prolog of a real file has no more. */
const maxInstructions = 64;

/** What an instruction does to the stack; `size`: its length in bytes. */
type StackStep =
  | { readonly op: 'push'; readonly size: number; readonly register: number | undefined }
  | { readonly op: 'pop'; readonly size: number; readonly register: number }
  | { readonly op: 'add'; readonly size: number; readonly bytes: number }
  | { readonly op: 'frame' | 'unframe' | 'leave' | 'return' | 'other'; readonly size: number };

const nothing = (size: number): StackStep => ({ op: 'other', size });

/** The instruction at `at`, if it is one that prologs and epilogs use; undefined for all others, and where bytes are missing. */
function decodeStep(code: Uint8Array, at: number): StackStep | undefined {
  const step = decodeKnown(code, at);
  return step === undefined || at + step.size > code.length ? undefined : step;
}

function decodeKnown(code: Uint8Array, at: number): StackStep | undefined {
  const opcode = code[at] ?? -1;
  if (opcode >= 0x50 && opcode <= 0x57) return { op: 'push', size: 1, register: opcode - 0x50 };
  if (opcode >= 0x58 && opcode <= 0x5f)
    return opcode === 0x5c ? undefined : { op: 'pop', size: 1, register: opcode - 0x58 };
  if (opcode === 0x6a) return { op: 'push', size: 2, register: undefined };
  if (opcode === 0x68) return { op: 'push', size: 5, register: undefined };
  if (opcode === 0xc3) return { op: 'return', size: 1 };
  if (opcode === 0xc2) return { op: 'return', size: 3 };
  if (opcode === 0xc9) return { op: 'leave', size: 1 };
  if (opcode === 0x90) return nothing(1);
  // mov register,imm32 and moves to and from eax; esp and ebp are no scratch registers.
  if (opcode >= 0xb8 && opcode <= 0xbf && opcode !== 0xbc && opcode !== 0xbd) return nothing(5);
  if (opcode === 0xa1) return nothing(5);
  return decodeWithOperand(opcode, code, at);
}

function decodeWithOperand(opcode: number, code: Uint8Array, at: number): StackStep | undefined {
  const operand = code[at + 1] ?? 0;
  // add esp,n and sub esp,n
  if ((opcode === 0x83 || opcode === 0x81) && (operand === 0xc4 || operand === 0xec)) {
    const size = opcode === 0x83 ? 3 : 6;
    if (at + size > code.length) return undefined;
    const value = opcode === 0x83 ? (code[at + 2]! << 24) >> 24 : readI32(code, at + 2);
    return { op: 'add', size, bytes: operand === 0xc4 ? value : -value };
  }
  // mov ebp,esp and mov esp,ebp, either way they are encoded
  if ((opcode === 0x8b && operand === 0xec) || (opcode === 0x89 && operand === 0xe5))
    return { op: 'frame', size: 2 };
  if ((opcode === 0x8b && operand === 0xe5) || (opcode === 0x89 && operand === 0xec))
    return { op: 'unframe', size: 2 };
  const isMove = opcode === 0x8b || opcode === 0x33;
  return isMove && writesScratch(operand) ? nothing(1 + operandSize(code, at + 1)) : undefined;
}

/** mov edi,edi does nothing; a move or xor into eax, ecx or edx changes nothing that is kept. */
const writesScratch = (operand: number): boolean => operand === 0xff || ((operand >> 3) & 7) < 3;

/** Bytes of a ModRM operand. */
function operandSize(code: Uint8Array, at: number): number {
  const operand = code[at]!;
  const mode = operand >> 6;
  const register = operand & 7;
  if (mode === 3) return 1;
  const sib = register === 4 ? 1 : 0;
  const base = sib === 1 ? (code[at + 1] ?? 0) & 7 : register;
  return 1 + sib + (mode === 1 ? 1 : mode === 2 || base === 5 ? 4 : 0);
}

/** What a prolog has done to the stack. */
export interface PrologEffect {
  /** Bytes between the stack pointer and the return address. */
  readonly depth: number;
  /** So many bytes below the return address stands what each register held at the function's entry. */
  readonly saved: ReadonlyMap<string, number>;
  /** So many bytes below the return address ebp points, where it was made the frame pointer. */
  readonly frame: number | undefined;
}

/** Follows `length` bytes of a function from its entry. Undefined when an instruction is not one of a prolog. */
export function followProlog(code: Uint8Array, length: number): PrologEffect | undefined {
  const saved = new Map<string, number>();
  let depth = 0;
  let frame: number | undefined;
  let at = 0;
  for (let count = 0; at < length && count < maxInstructions; count++) {
    const step = decodeStep(code, at);
    if (step === undefined) return undefined;
    if (step.op === 'push') depth += 4;
    else if (step.op === 'add' && step.bytes <= 0) depth -= step.bytes;
    else if (step.op === 'frame') frame = depth;
    else if (step.op !== 'other') return undefined;
    // Of ebp only what it held before it became the frame pointer.
    const name = step.op === 'push' && step.register !== undefined ? names[step.register] : undefined;
    if (name !== undefined && !saved.has(name) && (name !== 'ebp' || frame === undefined))
      saved.set(name, depth);
    at += step.size;
  }
  return at === length ? { depth, saved, frame } : undefined;
}

/** What the rest of an epilog does. */
export interface EpilogEffect {
  /** Address of the return address. */
  readonly returnAt: number;
  /** Where each register that it restores stands: addresses. */
  readonly restored: ReadonlyMap<string, number>;
}

/**
 * Runs on from an instruction to the return, where nothing but the end of a function is in between. Registers are numbers
 * of 32 bits.
 */
export function followEpilog(
  code: Uint8Array,
  registers: { readonly esp: number; readonly ebp: number | undefined },
): EpilogEffect | undefined {
  const restored = new Map<string, number>();
  let sp: number | undefined = registers.esp;
  let at = 0;
  for (let count = 0; count < maxInstructions; count++) {
    const step = decodeStep(code, at);
    // What ebp holds counts only as long as it was not restored.
    const frame: number | undefined = restored.has('ebp') ? undefined : registers.ebp;
    if (step === undefined || sp === undefined) return undefined;
    if (step.op === 'return') return { returnAt: sp >>> 0, restored };
    if (step.op === 'pop') {
      restored.set(names[step.register]!, sp >>> 0);
      sp += 4;
    } else if (step.op === 'add' && step.bytes >= 0) sp += step.bytes;
    else if (step.op === 'unframe') sp = frame;
    else if (step.op === 'leave') {
      if (frame === undefined) return undefined;
      restored.set('ebp', frame);
      sp = frame + 4;
    } else return undefined;
    at += step.size;
  }
  return undefined;
}
