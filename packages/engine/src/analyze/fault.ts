import { isCanonical, type Va } from '../base/index.ts';
import type { RegisterSet } from '../cpu/index.ts';
import { effectiveAddress, type Instruction } from '../disasm/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import { accessOf } from '../windows/index.ts';

/** The instruction that failed, when the crash began with one. */
export interface FaultSite {
  readonly ip: Va;
  readonly instruction: Instruction | undefined;
  /** Registers at the fault: from a record, or from a trap frame found on the stack. */
  readonly registers: RegisterSet | undefined;
  readonly address: Va | undefined;
  readonly access: 'read' | 'write' | 'execute' | undefined;
}

const accessViolation = 0xc0000005;
/** A general protection fault is reported as an access violation at this address: the real one is not told. */
const unknownAddress = 0xffff_ffff_ffff_ffffn;

/** Undefined when code stopped the machine on purpose: no instruction failed. */
export function findFault(system: CrashedSystem): FaultSite | undefined {
  const parameter = roleValue(system, 'ip');
  const { registers: record, exception } = system.records;
  const ip = record?.values.ip ?? parameter ?? exception?.record.address;
  if (ip === undefined || ip === 0n) return undefined;
  const registers = record?.values ?? trapRegisters(system, ip);
  const instruction = system.decodeAt(ip);
  return { ip, instruction, registers, ...target(system, instruction, registers) };
}

function roleValue(system: CrashedSystem, role: 'ip' | 'address'): Va | undefined {
  const index = system.bugCheck.roles.indexOf(role);
  return index < 0 ? undefined : system.target.dump.header.bugCheckParameters[index];
}

/** Registers of the interrupted frame with this ip, when the stack of the bug check leads to one. */
function trapRegisters(system: CrashedSystem, ip: Va): RegisterSet | undefined {
  const context = system.processorContext?.value;
  if (context === undefined) return undefined;
  return system
    .stackFrom(context)
    .find((frame) => frame.ip === ip && (frame.trust === 'trap' || frame.trust === 'context'))?.registers;
}

function target(
  system: CrashedSystem,
  instruction: Instruction | undefined,
  registers: RegisterSet | undefined,
) {
  const record = system.records.exception?.record;
  const [kind, address] = record?.code === accessViolation ? record.information : [];
  if (kind !== undefined && address !== undefined) {
    const access = kind === 0n ? 'read' : kind === 1n ? 'write' : kind === 8n ? 'execute' : undefined;
    const known = address === unknownAddress ? impossibleOperand(instruction, registers).address : address;
    return { address: known, access: access as FaultSite['access'] };
  }
  const { header } = system.target.dump;
  const facts = {
    code: header.bugCheckCode,
    parameters: header.bugCheckParameters,
    build: header.build,
    machine: header.machine,
  };
  const fromParameter = roleValue(system, 'address');
  if (fromParameter !== undefined)
    return { address: fromParameter, access: accessOf(system.bugCheck, facts) };
  return impossibleOperand(instruction, registers);
}

/** The one memory operand whose address cannot exist explains a general protection fault. */
function impossibleOperand(instruction: Instruction | undefined, registers: RegisterSet | undefined) {
  const nothing = { address: undefined, access: undefined };
  if (instruction === undefined || registers === undefined || registers.machine !== 'x64') return nothing;
  const found = instruction.memory.flatMap((operand) => {
    const address = operand.access === 'none' ? undefined : effectiveAddress(operand, instruction, registers);
    return address === undefined || isCanonical(address)
      ? []
      : [{ address, access: operand.access === 'read' ? ('read' as const) : ('write' as const) }];
  });
  return found.length === 1 ? found[0]! : nothing;
}
