import type { InstructionInfo, Instruction as RawInstruction, Register, UsedRegister } from 'iced-x86';
import type { IntelTools } from './intel-tools.ts';

export interface RegisterUse {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

/** Name of the whole register that `register` is a part of, as wide as the machine: `al` -> `rax`, `ymm3` -> `xmm3`. */
function wholeName({ iced, machine, nameOf }: IntelTools, register: Register): string {
  const { RegisterExt } = iced;
  if (RegisterExt.isVectorRegister(register)) return `xmm${RegisterExt.number(register)}`;
  return nameOf(
    machine === 'x86' ? RegisterExt.fullRegister32(register) : RegisterExt.fullRegister(register),
  );
}

/** Registers that an instruction reads and writes, flags under `efl`. Segment registers behind a memory operand are left out. */
export function registerUse(tools: IntelTools, raw: RawInstruction, info: InstructionInfo): RegisterUse {
  const reads = new Set<string>();
  const writes = new Set<string>();
  for (const used of info.usedRegisters() as UsedRegister[]) {
    if (!isImpliedSegment(tools, raw, used.register)) {
      const name = wholeName(tools, used.register);
      if (isRead(tools, used)) reads.add(name);
      if (isWritten(tools, used)) writes.add(name);
    }
    used.free();
  }
  if (raw.rflagsRead !== 0) reads.add('efl');
  if (raw.rflagsModified !== 0) writes.add('efl');
  return { reads: [...reads], writes: [...writes] };
}

/** A write that may not happen, or that changes only 8 or 16 bits, lets the old value through. */
function isRead(
  { iced: { OpAccess, RegisterExt } }: IntelTools,
  { access, register }: UsedRegister,
): boolean {
  if (access !== OpAccess.Write) return true;
  return RegisterExt.isGPR8(register) || RegisterExt.isGPR16(register);
}

const isWritten = ({ iced: { OpAccess } }: IntelTools, { access }: UsedRegister): boolean =>
  access !== OpAccess.Read && access !== OpAccess.CondRead;

function isImpliedSegment({ iced }: IntelTools, raw: RawInstruction, register: Register): boolean {
  if (!iced.RegisterExt.isSegmentRegister(register)) return false;
  for (let operand = 0; operand < raw.opCount; operand++) {
    if (raw.opKind(operand) === iced.OpKind.Register && raw.opRegister(operand) === register) return false;
  }
  return true;
}
