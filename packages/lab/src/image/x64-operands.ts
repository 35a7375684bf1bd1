import { writeU32 } from '../bytes/integers.ts';
import type { CodePlace, Instruction } from './code.ts';
import { type OperandSize, registerNumber, type X64Cpu, type X64Register } from './x64-registers.ts';

/** `[base+index*scale+offset]`. */
export interface IndexedOperand {
  readonly base: X64Register;
  readonly offset: number;
  readonly index?: X64Register;
  readonly scale?: 1 | 2 | 4 | 8;
}

/** `[rip+x]`: a variable, constant or import slot of the image. */
export interface SymbolOperand {
  readonly symbol: string;
  readonly offset?: number;
}

export type MemoryOperand = IndexedOperand | SymbolOperand;
export type Operand = X64Register | MemoryOperand;

export const at = (base: X64Register, offset = 0): IndexedOperand => ({ base, offset });
export const atIndex = (
  base: X64Register,
  index: X64Register,
  scale: 1 | 2 | 4 | 8 = 1,
  offset = 0,
): IndexedOperand => ({ base, index, scale, offset });
export const atSymbol = (symbol: string, offset = 0): SymbolOperand => ({ symbol, offset });

export const u32le = (value: number): number[] => [
  value & 0xff,
  (value >>> 8) & 0xff,
  (value >>> 16) & 0xff,
  (value >>> 24) & 0xff,
];

export const fitsByte = (value: number): boolean => value >= -0x80 && value < 0x80;

/** Instruction of fixed bytes. */
export function fixed(...bytes: number[]): Instruction {
  const encoded = new Uint8Array(bytes);
  return { length: encoded.length, encode: () => encoded };
}

/** Opcode bytes followed by a 32-bit displacement from the end of the instruction, then by `tail`. */
export function relative(
  opcode: readonly number[],
  target: (place: CodePlace) => number,
  tail: readonly number[] = [],
): Instruction {
  const length = opcode.length + 4 + tail.length;
  return {
    length,
    encode(place) {
      const bytes = new Uint8Array(length);
      bytes.set(opcode);
      bytes.set(tail, opcode.length + 4);
      writeU32(bytes, opcode.length, target(place) - (place.rva + length));
      return bytes;
    },
  };
}

export interface Encoding {
  /** Opcode bytes of an operand wider than a byte. */
  readonly opcode: readonly number[];
  readonly size: OperandSize;
  /** Number of the register, or the opcode's extension, in ModRM. */
  readonly field: number;
  /** `field` is a register, so that sil and its like need a prefix. */
  readonly fieldIsRegister?: boolean;
  readonly immediate?: readonly number[];
  /** Operands are 64 bits wide anyway: no prefix. */
  readonly wideByNature?: boolean;
}

/** Bytes of an instruction with a ModRM operand. */
export function withOperand(operand: Operand, encoding: Encoding): Instruction {
  const { opcode, size, field, immediate = [], wideByNature = false } = encoding;
  const number = typeof operand === 'string' ? registerNumber(operand) : 0;
  const base = typeof operand === 'object' && 'base' in operand ? registerNumber(operand.base) : number;
  const index =
    typeof operand === 'object' && 'base' in operand && operand.index !== undefined
      ? registerNumber(operand.index)
      : 0;
  const wide = size === 8 && !wideByNature ? 8 : 0;
  const bits = wide | (field >= 8 ? 4 : 0) | (index >= 8 ? 2 : 0) | (base >= 8 ? 1 : 0);
  const needsByteRegister =
    size === 1 &&
    ((encoding.fieldIsRegister === true && field >= 4) || (typeof operand === 'string' && number >= 4));
  const prefixes = [...(size === 2 ? [0x66] : []), ...(bits !== 0 || needsByteRegister ? [0x40 | bits] : [])];
  const head = [...prefixes, ...opcode];
  const low = (field & 7) << 3;
  if (typeof operand === 'string') return fixed(...head, 0xc0 | low | (number & 7), ...immediate);
  if ('symbol' in operand)
    return relative(
      [...head, 0x05 | low],
      ({ rvaOf }) => rvaOf(operand.symbol) + (operand.offset ?? 0),
      immediate,
    );
  return fixed(...head, ...memoryBytes(operand, low), ...immediate);
}

const scaleBits = { 1: 0, 2: 0x40, 4: 0x80, 8: 0xc0 } as const;

/** ModRM, SIB and displacement. */
function memoryBytes({ base, offset, index, scale = 1 }: IndexedOperand, low: number): number[] {
  const number = registerNumber(base);
  // Without a displacement the operand of rbp and r13 would mean something else.
  const short = offset === 0 && (number & 7) !== 5;
  const mode = short ? 0 : fitsByte(offset) ? 0x40 : 0x80;
  const displacement = short ? [] : fitsByte(offset) ? [offset & 0xff] : u32le(offset);
  if (index === undefined) {
    const sib = (number & 7) === 4 ? [0x24] : [];
    return [mode | low | (number & 7), ...sib, ...displacement];
  }
  const sib = scaleBits[scale] | ((registerNumber(index) & 7) << 3) | (number & 7);
  return [mode | low | 4, sib, ...displacement];
}

/** Bits of an operand of `size` bytes. */
export const truncate = (value: bigint, size: OperandSize): bigint =>
  size === 8 ? BigInt.asUintN(64, value) : BigInt.asUintN(8 * size, value);

/** Address of a memory operand while the instruction executes. */
export function effectiveAddress(cpu: X64Cpu, operand: MemoryOperand, place: CodePlace): bigint {
  if ('symbol' in operand) return place.base + BigInt(place.rvaOf(operand.symbol) + (operand.offset ?? 0));
  const { base, offset, index, scale = 1 } = operand;
  const from = cpu.registers[base];
  if (index !== undefined)
    return BigInt.asUintN(64, from + cpu.registers[index] * BigInt(scale) + BigInt(offset));
  return offset === 0 ? from : BigInt.asUintN(64, from + BigInt(offset));
}

export function readOperand(cpu: X64Cpu, operand: Operand, size: OperandSize, place: CodePlace): bigint {
  return typeof operand === 'string'
    ? truncate(cpu.registers[operand], size)
    : cpu.read(effectiveAddress(cpu, operand, place), size);
}

/** Writing 32 bits of a register clears the others; 8 or 16 leave them. */
export function writeOperand(
  cpu: X64Cpu,
  operand: Operand,
  size: OperandSize,
  value: bigint,
  place: CodePlace,
): void {
  const bits = truncate(value, size);
  if (typeof operand !== 'string') cpu.write(effectiveAddress(cpu, operand, place), size, bits);
  else if (size >= 4) cpu.registers[operand] = bits;
  else cpu.registers[operand] = ((cpu.registers[operand] >> BigInt(8 * size)) << BigInt(8 * size)) | bits;
}
