import { writeU32 } from '../bytes/integers.ts';
import { anyFunction, type CodePlace, type Instruction, importSlot, raw } from './code.ts';

export type X64Register =
  | 'rax'
  | 'rcx'
  | 'rdx'
  | 'rbx'
  | 'rsp'
  | 'rbp'
  | 'rsi'
  | 'rdi'
  | 'r8'
  | 'r9'
  | 'r10'
  | 'r11'
  | 'r12'
  | 'r13'
  | 'r14'
  | 'r15';

/** General registers of x64 in the order of their numbers. */
export const x64Registers: readonly X64Register[] = [
  'rax',
  'rcx',
  'rdx',
  'rbx',
  'rsp',
  'rbp',
  'rsi',
  'rdi',
  'r8',
  'r9',
  'r10',
  'r11',
  'r12',
  'r13',
  'r14',
  'r15',
];

export const registerNumber = (register: X64Register): number => x64Registers.indexOf(register);

const fixed = (...bytes: number[]): Instruction => ({
  length: bytes.length,
  encode: () => Uint8Array.from(bytes),
});

/** Opcode bytes followed by a 32-bit displacement from the end of the instruction. */
function relative(opcode: readonly number[], target: (place: CodePlace) => number): Instruction {
  const length = opcode.length + 4;
  return {
    length,
    encode(place) {
      const bytes = Uint8Array.from([...opcode, 0, 0, 0, 0]);
      writeU32(bytes, opcode.length, target(place) - (place.rva + length));
      return bytes;
    },
  };
}

export function push(register: X64Register): Instruction {
  const number = registerNumber(register);
  return number < 8 ? fixed(0x50 + number) : fixed(0x41, 0x50 + number - 8);
}

export function pop(register: X64Register): Instruction {
  const number = registerNumber(register);
  return number < 8 ? fixed(0x58 + number) : fixed(0x41, 0x58 + number - 8);
}

const u32le = (value: number): number[] => [
  value & 0xff,
  (value >>> 8) & 0xff,
  (value >>> 16) & 0xff,
  (value >>> 24) & 0xff,
];

const fitsByte = (value: number): boolean => value >= -0x80 && value < 0x80;

export const subRsp = (size: number): Instruction =>
  fitsByte(size) ? fixed(0x48, 0x83, 0xec, size) : fixed(0x48, 0x81, 0xec, ...u32le(size));

export const addRsp = (size: number): Instruction =>
  fitsByte(size) ? fixed(0x48, 0x83, 0xc4, size) : fixed(0x48, 0x81, 0xc4, ...u32le(size));

/** Prefix, opcode and operand of an instruction on `[base + offset]`. */
function memoryOperand(
  prefix: number,
  opcode: readonly number[],
  register: number,
  base: X64Register,
  offset: number,
): Instruction {
  const number = registerNumber(base);
  const rex = prefix | (register >= 8 ? 4 : 0) | (number >= 8 ? 1 : 0);
  // Without a displacement the operand of rbp and r13 would mean something else.
  const short = offset === 0 && (number & 7) !== 5;
  const mode = short ? 0 : fitsByte(offset) ? 0x40 : 0x80;
  const modRm = mode | ((register & 7) << 3) | (number & 7);
  const sib = (number & 7) === 4 ? [0x24] : [];
  const displacement = short ? [] : fitsByte(offset) ? [offset & 0xff] : u32le(offset);
  return fixed(...(rex === 0 ? [] : [rex]), ...opcode, modRm, ...sib, ...displacement);
}

/** mov qword ptr [base+offset],register */
export const store = (base: X64Register, offset: number, register: X64Register): Instruction =>
  memoryOperand(0x48, [0x89], registerNumber(register), base, offset);

/** mov register,qword ptr [base+offset] */
export const load = (register: X64Register, base: X64Register, offset: number): Instruction =>
  memoryOperand(0x48, [0x8b], registerNumber(register), base, offset);

/** lea register,[base+offset] */
export const lea = (register: X64Register, base: X64Register, offset: number): Instruction =>
  memoryOperand(0x48, [0x8d], registerNumber(register), base, offset);

/** movaps xmmword ptr [base+offset],xmmN */
export const storeXmm = (base: X64Register, offset: number, xmm: number): Instruction =>
  memoryOperand(xmm >= 8 ? 0x40 : 0, [0x0f, 0x29], xmm, base, offset);

/** movaps xmmN,xmmword ptr [base+offset] */
export const loadXmm = (xmm: number, base: X64Register, offset: number): Instruction =>
  memoryOperand(xmm >= 8 ? 0x40 : 0, [0x0f, 0x28], xmm, base, offset);

/** mov to,from */
export function move(to: X64Register, from: X64Register): Instruction {
  const [target, source] = [registerNumber(to), registerNumber(from)];
  const rex = 0x48 | (source >= 8 ? 4 : 0) | (target >= 8 ? 1 : 0);
  return fixed(rex, 0x89, 0xc0 | ((source & 7) << 3) | (target & 7));
}

/** mov r32,imm32: clears the upper half. */
export function moveImmediate(to: X64Register, value: number): Instruction {
  const number = registerNumber(to);
  const opcode = number < 8 ? [0xb8 + number] : [0x41, 0xb8 + number - 8];
  return fixed(...opcode, ...u32le(value));
}

/** lea register,[rip+symbol] */
export const leaSymbol = (register: X64Register, symbol: string): Instruction => {
  const number = registerNumber(register);
  return relative([number < 8 ? 0x48 : 0x4c, 0x8d, 0x05 | ((number & 7) << 3)], ({ rvaOf }) => rvaOf(symbol));
};

/** Direct call of a function in the same image. */
export const call = (symbol: string): Instruction => ({
  ...relative([0xe8], ({ rvaOf }) => rvaOf(symbol)),
  calls: symbol,
});

/** call qword ptr [rip+slot]: a function of another image, as `module!name`. */
export const callImport = (symbol: string): Instruction => ({
  ...relative([0xff, 0x15], ({ rvaOf }) => rvaOf(importSlot(symbol))),
  calls: symbol,
  imports: symbol,
});

/** call rax */
export const callRax = (): Instruction => ({ ...fixed(0xff, 0xd0), calls: anyFunction });

/** jmp rel32, for instance to a part of the function that lies elsewhere. */
export const jump = (symbol: string): Instruction => relative([0xe9], ({ rvaOf }) => rvaOf(symbol));

export const ret = (): Instruction => raw('c3');
export const iretq = (): Instruction => raw('48 cf');
export const breakpoint = (): Instruction => raw('cc');
