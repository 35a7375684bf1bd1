import type { Instruction } from './code.ts';
import { addFlags, type Condition, conditions, holds, logicFlags, subtractFlags } from './x64-alu.ts';
import { executing } from './x64-code.ts';
import {
  effectiveAddress,
  fitsByte,
  fixed,
  type MemoryOperand,
  type Operand,
  readOperand,
  relative,
  truncate,
  u32le,
  withOperand,
  writeOperand,
} from './x64-operands.ts';
import { type OperandSize, registerNumber, type X64Cpu, type X64Register } from './x64-registers.ts';

/** Numbers of the group-one operations in the opcodes. */
const operations = { add: 0, or: 1, and: 4, sub: 5, xor: 6, cmp: 7 } as const;
type Operation = keyof typeof operations;

const isConstant = (operand: Operand | number): operand is number => typeof operand === 'number';

const signExtended = (value: number, size: OperandSize): bigint => truncate(BigInt(value), size);

function result(cpu: X64Cpu, operation: Operation, size: OperandSize, left: bigint, right: bigint): bigint {
  switch (operation) {
    case 'add':
      return addFlags({ cpu, size, left, right });
    case 'sub':
    case 'cmp':
      return subtractFlags({ cpu, size, left, right });
    case 'or':
      return logicFlags(cpu, size, left | right);
    case 'and':
      return logicFlags(cpu, size, left & right);
    case 'xor':
      return logicFlags(cpu, size, left ^ right);
  }
}

/** `operation left,right`: a constant, or a register on at least one side. */
function alu(operation: Operation, left: Operand, right: Operand | number, size: OperandSize): Instruction {
  return executing(aluBytes(operations[operation], left, right, size), (cpu, place) => {
    const a = readOperand(cpu, left, size, place);
    const b = isConstant(right) ? signExtended(right, size) : readOperand(cpu, right, size, place);
    const value = result(cpu, operation, size, a, b);
    if (operation !== 'cmp') writeOperand(cpu, left, size, value, place);
  });
}

function aluBytes(number: number, left: Operand, right: Operand | number, size: OperandSize): Instruction {
  if (isConstant(right)) {
    const short = size === 1 || fitsByte(right);
    const immediate = short ? [right & 0xff] : u32le(right).slice(0, size === 2 ? 2 : 4);
    const opcode = [size === 1 ? 0x80 : short ? 0x83 : 0x81];
    return withOperand(left, { opcode, size, field: number, immediate });
  }
  const byte = size === 1 ? 0 : 1;
  if (typeof right === 'string')
    return withOperand(left, {
      opcode: [number * 8 + byte],
      size,
      field: registerNumber(right),
      fieldIsRegister: true,
    });
  return withOperand(right, {
    opcode: [number * 8 + 2 + byte],
    size,
    field: registerNumber(left as X64Register),
    fieldIsRegister: true,
  });
}

type Alu = (left: Operand, right: Operand | number, size?: OperandSize) => Instruction;
const operationOf =
  (operation: Operation): Alu =>
  (left, right, size = 8) =>
    alu(operation, left, right, size);

export const add = operationOf('add');
export const subtract = operationOf('sub');
export const or = operationOf('or');
export const and = operationOf('and');
export const xor = operationOf('xor');
export const compare = operationOf('cmp');

/** test left,right: registers, or a constant against memory. */
export function test(left: Operand, right: X64Register | number, size: OperandSize = 8): Instruction {
  const constant = isConstant(right);
  const bytes = constant
    ? withOperand(left, {
        opcode: [size === 1 ? 0xf6 : 0xf7],
        size,
        field: 0,
        immediate: u32le(right).slice(0, Math.min(size, 4)),
      })
    : withOperand(left, {
        opcode: [size === 1 ? 0x84 : 0x85],
        size,
        field: registerNumber(right),
        fieldIsRegister: true,
      });
  return executing(bytes, (cpu, place) => {
    const b = constant ? signExtended(right, size) : readOperand(cpu, right, size, place);
    logicFlags(cpu, size, readOperand(cpu, left, size, place) & b);
  });
}

function step(operand: Operand, size: OperandSize, field: 0 | 1): Instruction {
  const bytes = withOperand(operand, { opcode: [size === 1 ? 0xfe : 0xff], size, field });
  return executing(bytes, (cpu, place) => {
    const left = readOperand(cpu, operand, size, place);
    const flags = field === 0 ? addFlags : subtractFlags;
    writeOperand(cpu, operand, size, flags({ cpu, size, left, right: 1n }, true), place);
  });
}

export const increment = (operand: Operand, size: OperandSize = 8): Instruction => step(operand, size, 0);
export const decrement = (operand: Operand, size: OperandSize = 8): Instruction => step(operand, size, 1);

/** shl or shr register,count. The carry is that of the last bit shifted out; overflow is left alone. */
function shift(register: X64Register, count: number, size: 4 | 8, field: 4 | 5): Instruction {
  const bytes = withOperand(register, { opcode: [0xc1], size, field, immediate: [count] });
  return executing(bytes, (cpu, place) => {
    const old = readOperand(cpu, register, size, place);
    const left = field === 4;
    const out = left ? (old >> BigInt(8 * size - count)) & 1n : (old >> BigInt(count - 1)) & 1n;
    const value = truncate(left ? old << BigInt(count) : old >> BigInt(count), size);
    logicFlags(cpu, size, value);
    cpu.flags |= Number(out);
    writeOperand(cpu, register, size, value, place);
  });
}

export const shiftLeft = (register: X64Register, count: number, size: 4 | 8 = 8): Instruction =>
  shift(register, count, size, 4);
export const shiftRight = (register: X64Register, count: number, size: 4 | 8 = 8): Instruction =>
  shift(register, count, size, 5);

/** mov [operand],constant: sign-extended when the operand is 8 bytes wide. */
export const moveConstant = (to: Operand, value: number, size: OperandSize = 8): Instruction =>
  executing(
    withOperand(to, {
      opcode: [size === 1 ? 0xc6 : 0xc7],
      size,
      field: 0,
      immediate: u32le(value).slice(0, Math.min(size, 4)),
    }),
    (cpu, place) => writeOperand(cpu, to, size, signExtended(value, size), place),
  );

/** mov r64,imm64 */
export function moveWide(to: X64Register, value: bigint): Instruction {
  const number = registerNumber(to);
  const low = Number(value & 0xffff_ffffn);
  const high = Number((value >> 32n) & 0xffff_ffffn);
  const bytes = fixed(number < 8 ? 0x48 : 0x49, 0xb8 + (number & 7), ...u32le(low), ...u32le(high));
  return executing(bytes, (cpu) => {
    cpu.registers[to] = BigInt.asUintN(64, value);
  });
}

/** movzx r32,byte or word */
export const moveZeroExtended = (to: X64Register, from: Operand, size: 1 | 2): Instruction => {
  const bytes = withOperand(from, {
    opcode: [0x0f, size === 1 ? 0xb6 : 0xb7],
    // The prefixes are those of the 32-bit register that takes the value.
    size: 4,
    field: registerNumber(to),
  });
  return executing(bytes, (cpu, place) => {
    cpu.registers[to] = readOperand(cpu, from, size, place);
  });
};

/** movsxd register,dword ptr [operand] or a 32-bit register */
export const moveSignExtended = (to: X64Register, from: Operand): Instruction =>
  executing(withOperand(from, { opcode: [0x63], size: 8, field: registerNumber(to) }), (cpu, place) => {
    cpu.registers[to] = BigInt.asUintN(64, BigInt.asIntN(32, readOperand(cpu, from, 4, place)));
  });

/** xchg register,[operand] */
export const exchange = (register: X64Register, operand: MemoryOperand): Instruction =>
  executing(
    withOperand(operand, { opcode: [0x87], size: 8, field: registerNumber(register) }),
    (cpu, place) => {
      const old = readOperand(cpu, operand, 8, place);
      writeOperand(cpu, operand, 8, cpu.registers[register], place);
      cpu.registers[register] = old;
    },
  );

/** bts dword ptr [operand],register: the bit may lie far from the operand's address. */
export const setBit = (operand: MemoryOperand, bit: X64Register): Instruction =>
  executing(
    withOperand(operand, { opcode: [0x0f, 0xab], size: 4, field: registerNumber(bit) }),
    (cpu, place) => {
      const number = BigInt.asIntN(32, cpu.registers[bit]);
      const va = BigInt.asUintN(64, effectiveAddress(cpu, operand, place) + (number >> 5n) * 4n);
      const old = cpu.read(va, 4);
      const mask = 1n << (number & 31n);
      cpu.write(va, 4, old | mask);
      cpu.flags = (cpu.flags & ~1) | ((old & mask) === 0n ? 0 : 1);
    },
  );

/** jcc rel32 to a label or symbol. */
export const jumpIf = (condition: Condition, label: string): Instruction =>
  executing(
    relative([0x0f, 0x80 + conditions[condition]], ({ rvaOf }) => rvaOf(label)),
    (cpu, { base, rvaOf }) => {
      if (holds(cpu.flags, condition)) cpu.jump(base + BigInt(rvaOf(label)));
    },
  );

/** A jump of two bytes, to a label near by. */
function shortJump(opcode: number, label: string, condition: Condition | undefined): Instruction {
  return {
    length: 2,
    encode: ({ rva, rvaOf }) => Uint8Array.of(opcode, rvaOf(label) - (rva + 2)),
    execute(cpu, { base, rvaOf }) {
      if (condition === undefined || holds(cpu.flags, condition)) cpu.jump(base + BigInt(rvaOf(label)));
    },
  };
}

export const shortJumpIf = (condition: Condition, label: string): Instruction =>
  shortJump(0x70 + conditions[condition], label, condition);
export const shortJumpTo = (label: string): Instruction => shortJump(0xeb, label, undefined);

/** Rounds of a repeated string instruction that are done at once; registers are true when a round faults. */
function repeated(opcode: number, rounds: (cpu: X64Cpu, count: number) => number): Instruction {
  return executing(fixed(0xf3, opcode), (cpu) => {
    const { registers } = cpu;
    if (registers.rcx === 0n) return;
    const count = registers.rcx < mostRounds ? Number(registers.rcx) : Number(mostRounds);
    registers.rcx -= BigInt(rounds(cpu, count));
    if (registers.rcx !== 0n) cpu.repeat();
  });
}

/** No more lie in a page. */
const mostRounds = 0x1000n;

/** rep movsb */
export const repeatMoveBytes = (): Instruction =>
  repeated(0xa4, (cpu, count) => {
    const { registers } = cpu;
    const done = cpu.copyBytes(registers.rdi, registers.rsi, count);
    registers.rsi += BigInt(done);
    registers.rdi += BigInt(done);
    return done;
  });

/** rep stosb */
export const repeatStoreBytes = (): Instruction =>
  repeated(0xaa, (cpu, count) => {
    const { registers } = cpu;
    const done = cpu.fillBytes(registers.rdi, Number(registers.rax & 0xffn), count);
    registers.rdi += BigInt(done);
    return done;
  });

/** mov register,cr8: the IRQL. */
export const readIrql = (to: X64Register): Instruction => {
  const number = registerNumber(to);
  return executing(fixed(number < 8 ? 0x44 : 0x45, 0x0f, 0x20, 0xc0 | (number & 7)), (cpu) => {
    cpu.registers[to] = BigInt(cpu.irql);
  });
};

/** mov cr8,register */
export const writeIrql = (from: X64Register): Instruction => {
  const number = registerNumber(from);
  return executing(fixed(number < 8 ? 0x44 : 0x45, 0x0f, 0x22, 0xc0 | (number & 7)), (cpu) => {
    cpu.irql = Number(cpu.registers[from] & 0xfn);
  });
};

/** mov register,cr2: the address of the last page fault. */
export const readCr2 = (to: X64Register): Instruction =>
  executing(
    fixed(...(registerNumber(to) < 8 ? [] : [0x41]), 0x0f, 0x20, 0xd0 | (registerNumber(to) & 7)),
    (cpu) => {
      cpu.registers[to] = cpu.cr2;
    },
  );

/** nop */
export const nothing = (): Instruction => executing(fixed(0x90), () => undefined);
