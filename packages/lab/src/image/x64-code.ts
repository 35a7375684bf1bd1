import { anyFunction, type CodePlace, type Instruction, importSlot } from './code.ts';
import {
  at,
  atSymbol,
  effectiveAddress,
  fitsByte,
  fixed,
  type MemoryOperand,
  type Operand,
  readOperand,
  relative,
  u32le,
  withOperand,
  writeOperand,
} from './x64-operands.ts';
import { type OperandSize, registerNumber, type X64Cpu, type X64Register } from './x64-registers.ts';

export { registerNumber, type X64Register, x64Registers } from './x64-registers.ts';

/** What an instruction does when a processor of the lab executes it. */
export type Execute = (cpu: X64Cpu, place: CodePlace) => void;

export const executing = (instruction: Instruction, execute: Execute): Instruction => ({
  ...instruction,
  execute,
});

export function push(register: X64Register): Instruction {
  const number = registerNumber(register);
  const bytes = number < 8 ? fixed(0x50 + number) : fixed(0x41, 0x50 + number - 8);
  return executing(bytes, (cpu) => {
    const value = cpu.registers[register];
    cpu.registers.rsp -= 8n;
    cpu.write(cpu.registers.rsp, 8, value);
  });
}

export function pop(register: X64Register): Instruction {
  const number = registerNumber(register);
  const bytes = number < 8 ? fixed(0x58 + number) : fixed(0x41, 0x58 + number - 8);
  return executing(bytes, (cpu) => {
    const value = cpu.read(cpu.registers.rsp, 8);
    cpu.registers.rsp += 8n;
    cpu.registers[register] = value;
  });
}

export const subRsp = (size: number): Instruction =>
  executing(
    fitsByte(size) ? fixed(0x48, 0x83, 0xec, size) : fixed(0x48, 0x81, 0xec, ...u32le(size)),
    (cpu) => {
      cpu.registers.rsp -= BigInt(size);
    },
  );

export const addRsp = (size: number): Instruction =>
  executing(
    fitsByte(size) ? fixed(0x48, 0x83, 0xc4, size) : fixed(0x48, 0x81, 0xc4, ...u32le(size)),
    (cpu) => {
      cpu.registers.rsp += BigInt(size);
    },
  );

/** mov [operand],register of `size` bytes, or mov register,register. */
export const moveTo = (to: Operand, from: X64Register, size: OperandSize = 8): Instruction =>
  executing(
    withOperand(to, {
      opcode: [size === 1 ? 0x88 : 0x89],
      size,
      field: registerNumber(from),
      fieldIsRegister: true,
    }),
    (cpu, place) => writeOperand(cpu, to, size, cpu.registers[from], place),
  );

/** mov register,[operand] of `size` bytes. */
export const moveFrom = (to: X64Register, from: MemoryOperand, size: OperandSize = 8): Instruction =>
  executing(
    withOperand(from, {
      opcode: [size === 1 ? 0x8a : 0x8b],
      size,
      field: registerNumber(to),
      fieldIsRegister: true,
    }),
    (cpu, place) => writeOperand(cpu, to, size, readOperand(cpu, from, size, place), place),
  );

/** mov qword ptr [base+offset],register */
export const store = (base: X64Register, offset: number, register: X64Register): Instruction =>
  moveTo(at(base, offset), register);

/** mov register,qword ptr [base+offset] */
export const load = (register: X64Register, base: X64Register, offset: number): Instruction =>
  moveFrom(register, at(base, offset));

/** lea register,[operand] */
export const leaOperand = (register: X64Register, operand: MemoryOperand): Instruction =>
  executing(
    withOperand(operand, { opcode: [0x8d], size: 8, field: registerNumber(register) }),
    (cpu, place) => {
      cpu.registers[register] = effectiveAddress(cpu, operand, place);
    },
  );

/** lea register,[base+offset] */
export const lea = (register: X64Register, base: X64Register, offset: number): Instruction =>
  leaOperand(register, at(base, offset));

/** movaps xmmword ptr [base+offset],xmmN: the lab's processors keep zeros in these registers. */
export const storeXmm = (base: X64Register, offset: number, xmm: number): Instruction =>
  executing(withOperand(at(base, offset), { opcode: [0x0f, 0x29], size: 4, field: xmm }), (cpu, place) => {
    const va = effectiveAddress(cpu, at(base, offset), place);
    cpu.write(va, 8, 0n);
    cpu.write(va + 8n, 8, 0n);
  });

/** movaps xmmN,xmmword ptr [base+offset] */
export const loadXmm = (xmm: number, base: X64Register, offset: number): Instruction =>
  executing(
    withOperand(at(base, offset), { opcode: [0x0f, 0x28], size: 4, field: xmm }),
    (cpu, place) => void cpu.read(effectiveAddress(cpu, at(base, offset), place), 8),
  );

/** mov to,from */
export const move = (to: X64Register, from: X64Register): Instruction => moveTo(to, from);

/** mov r32,imm32: clears the upper half. */
export function moveImmediate(to: X64Register, value: number): Instruction {
  const number = registerNumber(to);
  const opcode = number < 8 ? [0xb8 + number] : [0x41, 0xb8 + number - 8];
  return executing(fixed(...opcode, ...u32le(value)), (cpu) => {
    cpu.registers[to] = BigInt(value >>> 0);
  });
}

/** lea register,[rip+symbol] */
export const leaSymbol = (register: X64Register, symbol: string): Instruction =>
  leaOperand(register, atSymbol(symbol));

const targetOf = (symbol: string, { base, rvaOf }: CodePlace): bigint => base + BigInt(rvaOf(symbol));

/** Direct call of a function in the same image. */
export const call = (symbol: string): Instruction => ({
  ...relative([0xe8], ({ rvaOf }) => rvaOf(symbol)),
  calls: symbol,
  execute: (cpu, place) => cpu.call(targetOf(symbol, place)),
});

/** call qword ptr [rip+slot]: a function of another image, as `module!name`. */
export const callImport = (symbol: string): Instruction => ({
  ...relative([0xff, 0x15], ({ rvaOf }) => rvaOf(importSlot(symbol))),
  calls: symbol,
  imports: symbol,
  execute: (cpu, place) => cpu.call(cpu.read(targetOf(importSlot(symbol), place), 8)),
});

/** call register or call qword ptr [operand] */
export const callTo = (target: Operand): Instruction => ({
  ...withOperand(target, { opcode: [0xff], size: 8, field: 2, wideByNature: true }),
  calls: anyFunction,
  execute: (cpu, place) => cpu.call(readOperand(cpu, target, 8, place)),
});

/** call rax */
export const callRax = (): Instruction => callTo('rax');

/** jmp rel32, for instance to a part of the function that lies elsewhere, or to a label. */
export const jump = (symbol: string): Instruction =>
  executing(
    relative([0xe9], ({ rvaOf }) => rvaOf(symbol)),
    (cpu, place) => cpu.jump(targetOf(symbol, place)),
  );

export const ret = (): Instruction => executing(fixed(0xc3), (cpu) => cpu.ret());
export const iretq = (): Instruction => executing(fixed(0x48, 0xcf), (cpu) => cpu.iret());
export const breakpoint = (): Instruction => executing(fixed(0xcc), (cpu) => cpu.breakpoint());
/** int 29h */
export const fastFail = (): Instruction => executing(fixed(0xcd, 0x29), (cpu) => cpu.fastFail());
