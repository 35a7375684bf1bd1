import type { Va } from '../base/index.ts';
import type { RegisterSet } from '../cpu/index.ts';
import { effectiveAddress, type Instruction } from '../disasm/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import type { Frame } from '../unwind/index.ts';
import { accessOf } from '../windows/index.ts';

/** The instruction that failed, when the crash began with one. */
export interface FaultSite {
  readonly ip: Va;
  readonly instruction: Instruction | undefined;
  /** Registers at the fault: from a record, or from a trap frame found on the stack. */
  readonly registers: RegisterSet | undefined;
  readonly address: Va | undefined;
  readonly access: 'read' | 'write' | 'execute' | undefined;
  readonly addressFrom: 'exception record' | 'bug check parameters' | 'registers' | undefined;
}

const accessViolation = 0xc0000005;
const inPageError = 0xc0000006;
const unknownAddress = 0xffff_ffff_ffff_ffffn;

/** Undefined when code stopped the machine on purpose: no instruction failed. */
export function findFault(system: CrashedSystem): FaultSite | undefined {
  const { registers: record, exception } = system.records;
  const ip = record?.values.ip ?? nonZero(roleAddress(system, 'ip')) ?? exception?.record.address;
  if (ip === undefined) return undefined;
  const registers =
    record === undefined
      ? trapRegisters(system, ip)
      : record.kind === 'trap'
        ? completed(record.values, trapRegisters(system, ip))
        : record.values;
  const instruction = system.decodeAt(ip);
  const operand = operandOf(instruction, registers);
  return { ip, instruction, registers, ...(targetOf(system, ip, operand) ?? nothing) };
}

const nothing = { address: undefined, access: undefined, addressFrom: undefined };

const nonZero = (va: Va | undefined): Va | undefined => (va === 0n ? undefined : va);

function roleAddress(system: CrashedSystem, role: 'ip' | 'address'): Va | undefined {
  const index = system.bugCheck.roles.indexOf(role);
  return index < 0 ? undefined : system.target.parameterAddress(index);
}

/** Registers of the interrupted frame with this ip, when the stack of the bug check leads to one. */
function trapRegisters(system: CrashedSystem, ip: Va): RegisterSet | undefined {
  const context = system.processorContext?.value;
  if (context === undefined) return undefined;
  const isFault = (frame: Frame) => frame.ip === ip && (frame.trust === 'trap' || frame.trust === 'context');
  return system.stackFrom(context).find(isFault)?.registers;
}

/** A trap frame lacks the registers that calls keep: the unwound stack of the code that saved it has them. */
function completed(saved: RegisterSet, unwound: RegisterSet | undefined): RegisterSet {
  if (unwound === undefined || unwound.sp !== saved.sp) return saved;
  const lacking = [...unwound.entries()].filter(([name]) => saved.get(name) === undefined);
  return lacking.length === 0 ? saved : saved.with(Object.fromEntries(lacking));
}

type Target = Pick<FaultSite, 'address' | 'access' | 'addressFrom'>;

/** What the failing instruction accessed: as Windows recorded it, else as its operand says. */
function targetOf(system: CrashedSystem, ip: Va, operand: Target | undefined): Target | undefined {
  const recorded = fromRecord(system) ?? fromParameters(system);
  const address = recorded?.address;
  // Windows reports a general protection fault as an access to the highest address: the real one it does not know.
  if (address === undefined || address === unknownAddress) {
    return isMemoryFault(system) ? (operand ?? { ...nothing, access: recorded?.access }) : undefined;
  }
  return address === ip && recorded?.access !== 'write'
    ? ({ ...recorded, access: 'execute' } as Target)
    : recorded;
}

function fromRecord(system: CrashedSystem): Target | undefined {
  const record = system.records.exception?.record;
  const [kind, address] = record?.code === accessViolation ? record.information : [];
  if (kind === undefined || address === undefined) return undefined;
  const access = kind === 0n ? 'read' : kind === 1n ? 'write' : kind === 8n ? 'execute' : undefined;
  return { address, access, addressFrom: 'exception record' };
}

function fromParameters(system: CrashedSystem): Target | undefined {
  const address = roleAddress(system, 'address');
  if (address === undefined) return undefined;
  const access = accessOf(system.bugCheck, system.bugCheckFacts);
  return { address, access, addressFrom: 'bug check parameters' };
}

/** Exceptions such as a breakpoint or a division access no memory. */
function isMemoryFault(system: CrashedSystem): boolean {
  const index = system.bugCheck.roles.indexOf('exception-code');
  const code =
    system.records.exception?.record.code ??
    Number((system.target.dump.header.bugCheckParameters[index] ?? 0n) & 0xffff_ffffn);
  return code === accessViolation || code === inPageError;
}

/** Where the instruction's only memory operand is, by the registers. */
function operandOf(
  instruction: Instruction | undefined,
  registers: RegisterSet | undefined,
): Target | undefined {
  const operands = instruction?.memory.filter(({ access }) => access !== 'none') ?? [];
  const [operand] = operands;
  if (instruction === undefined || registers === undefined || operand === undefined || operands.length > 1)
    return undefined;
  const address = effectiveAddress(operand, instruction, registers);
  if (address === undefined) return undefined;
  return { address, access: operand.access === 'read' ? 'read' : 'write', addressFrom: 'registers' };
}

/**
 * Does what Windows recorded contradict the registers? Then one of them changed in between, or the hardware failed.
 * The address may lie inside the operand: an access across a page fails at its second page.
 */
export function contradiction(
  system: CrashedSystem,
  fault: FaultSite,
): { recorded: Va; computed: Va } | undefined {
  if (fault.address === undefined || fault.addressFrom === 'registers' || fault.access === 'execute')
    return undefined;
  const { instruction, registers, address: recorded } = fault;
  const computed = operandOf(instruction, registers)?.address;
  const size = BigInt(instruction?.memory[0]?.size ?? 0);
  if (computed === undefined || size === 0n || instruction?.mnemonic.startsWith('rep')) return undefined;
  return system.machine === 'x86' || (recorded >= computed && recorded < computed + size)
    ? undefined
    : { recorded, computed };
}
