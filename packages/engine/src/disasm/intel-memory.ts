import type { InstructionInfo, OpKind, Instruction as RawInstruction } from 'iced-x86';
import type { MemoryOperand } from './instruction.ts';
import { type IntelTools, isMemoryOperand } from './intel-tools.ts';

/** Memory operands in the order of the instruction's operands. */
export function memoryOperands(
  tools: IntelTools,
  raw: RawInstruction,
  info: InstructionInfo,
): MemoryOperand[] {
  const operands: MemoryOperand[] = [];
  for (let operand = 0; operand < raw.opCount; operand++) {
    if (isMemoryOperand(tools, raw, operand)) operands.push(memoryOperand(tools, raw, info, operand));
  }
  return operands;
}

function memoryOperand(
  tools: IntelTools,
  raw: RawInstruction,
  info: InstructionInfo,
  operand: number,
): MemoryOperand {
  const kind = raw.opKind(operand);
  const isString = kind !== tools.iced.OpKind.Memory;
  return {
    segment: segmentName(tools, raw, kind),
    ...(isString ? stringAddress(tools, kind) : generalAddress(tools, raw)),
    size: tools.iced.MemorySizeExt.size(raw.memorySize),
    access: accessOf(tools, info, operand),
  };
}

type Address = Pick<MemoryOperand, 'base' | 'index' | 'scale' | 'displacement' | 'ipRelative'>;

function generalAddress(tools: IntelTools, raw: RawInstruction): Address {
  if (raw.isIpRelMemoryOperand) {
    const displacement = BigInt.asIntN(64, raw.ipRelMemoryAddress - raw.nextIP);
    return { scale: 1, displacement, ipRelative: true };
  }
  const base = tools.nameOf(raw.memoryBase);
  const index = tools.nameOf(raw.memoryIndex);
  return {
    ...(base === '' ? {} : { base }),
    ...(index === '' ? {} : { index }),
    scale: raw.memoryIndexScale,
    displacement: signedDisplacement(tools, raw),
    ipRelative: false,
  };
}

/** Displacement as a signed number; the library gives it wrapped to the width of the address arithmetic. */
export function signedDisplacement({ iced, machine }: IntelTools, raw: RawInstruction): bigint {
  const { Register, RegisterExt } = iced;
  const register = raw.memoryBase === Register.None ? raw.memoryIndex : raw.memoryBase;
  const bits = RegisterExt.isGPR(register) ? RegisterExt.size(register) * 8 : machine === 'x86' ? 32 : 64;
  return BigInt.asIntN(bits, raw.memoryDisplacement);
}

/** Source or destination of a string instruction: no displacement, one register. */
const stringAddress = (tools: IntelTools, kind: OpKind): Address => ({
  base: stringRegister(tools, kind),
  scale: 1,
  displacement: 0n,
  ipRelative: false,
});

const stringRegisters = ['si', 'esi', 'rsi', 'di', 'edi', 'rdi', 'di', 'edi', 'rdi'];

/** Register that addresses a string operand; the library lists the kinds in this order. */
export const stringRegister = ({ iced }: IntelTools, kind: OpKind): string =>
  stringRegisters[kind - iced.OpKind.MemorySegSI]!;

/** Is this the es: side of a string instruction? */
export const isStringDestination = ({ iced }: IntelTools, kind: OpKind): boolean =>
  kind >= iced.OpKind.MemoryESDI && kind <= iced.OpKind.MemoryESRDI;

function segmentName(tools: IntelTools, raw: RawInstruction, kind: OpKind): MemoryOperand['segment'] {
  const register = isStringDestination(tools, kind) ? tools.iced.Register.ES : raw.memorySegment;
  return tools.nameOf(register) as MemoryOperand['segment'];
}

function accessOf(
  { iced: { OpAccess } }: IntelTools,
  info: InstructionInfo,
  operand: number,
): MemoryOperand['access'] {
  const access = info.opAccess(operand);
  if (access === OpAccess.Read || access === OpAccess.CondRead) return 'read';
  if (access === OpAccess.Write || access === OpAccess.CondWrite) return 'write';
  return access === OpAccess.ReadWrite || access === OpAccess.ReadCondWrite ? 'read-write' : 'none';
}
