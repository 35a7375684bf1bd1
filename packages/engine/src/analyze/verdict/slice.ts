import { signExtend32, type Va, wrap64 } from '../../base/index.ts';
import { disassembleBefore } from '../../code/index.ts';
import type { RegisterSet } from '../../cpu/index.ts';
import { effectiveAddress, type Instruction, type MemoryOperand } from '../../disasm/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { Frame } from '../../unwind/index.ts';
import type { Scene } from './scene.ts';

/** A cell of memory that a value was loaded from, which the faulting instruction used. */
export interface LoadedFrom {
  /** Register of the faulting instruction that held the value, and what it held. */
  readonly register: string;
  readonly value: bigint;
  readonly cell: Va;
  /** Bytes. */
  readonly size: number;
  /** The instruction that loaded it. */
  readonly instruction: Instruction;
  /** Frame in which that was, 0 for the one of the fault. */
  readonly frame: number;
  /** Does the cell hold the value still? Undefined: it is not in the dump. */
  readonly holds: boolean | undefined;
}

/** Instructions of a function that are looked back over. */
const mostInstructions = 64;
/** Frames that a value is followed up through. */
const mostFrames = 4;
/** Moves and loads that one value is followed over. */
const mostSteps = 16;

/**
 * Follows the registers of the faulting instruction's operand back to the memory they were loaded from: through moves,
 * additions and loads of the same function, and into the callers as long as registers are known there. Straight back, without
 * regard to branches: what counts is that the cell still holds the value.
 */
export function sliceFault({ system, fault, frames }: Scene): LoadedFrom[] {
  const { instruction, registers } = fault ?? {};
  if (instruction === undefined || registers === undefined) return [];
  const first = frames.findIndex(({ ip }) => ip === instruction.address);
  const slicer = new Slicer(system, first < 0 ? [] : frames.slice(first));
  return pointerRegisters(instruction).flatMap((register) => {
    const value = registers.get(register);
    if (value === undefined) return [];
    const found = slicer.follow(instruction.address, registers, register);
    return found.map((load) => ({ ...load, register, value }));
  });
}

/** Registers that make up the address that the instruction uses, or that it jumps to. */
function pointerRegisters({ memory, flow, reads }: Instruction): string[] {
  const named = memory
    .filter(({ access }) => access !== 'none')
    .flatMap(({ base, index }) => [base, index])
    .filter((name): name is string => name !== undefined);
  const jumps = flow === 'indirect-call' || flow === 'indirect-branch' ? reads : [];
  return [...new Set(named.length > 0 ? named : jumps)].filter((name) => !/^[re]?[bs]p$|^rip$/.test(name));
}

type Load = Omit<LoadedFrom, 'register' | 'value'>;

class Slicer {
  readonly #system: CrashedSystem;
  readonly #frames: readonly Frame[];

  constructor(system: CrashedSystem, frames: readonly Frame[]) {
    this.#system = system;
    this.#frames = frames;
  }

  /** Loads behind the value of a register at `ip`, the nearest first. */
  follow(ip: Va, registers: RegisterSet, register: string): Load[] {
    const loads: Load[] = [];
    let [name, at, known]: [string, Va, RegisterSet] = [register, ip, registers];
    for (let frame = 0; frame <= mostFrames; frame++) {
      const past = new Past(this.#system, this.#before(at), known);
      const rest = past.loads(name, loads, frame);
      const caller = this.#frames[frame + 1];
      if (rest === undefined || caller === undefined || caller.trust === 'scan') break;
      [name, at, known] = [rest, caller.ip, past.untouched(caller.registers)];
    }
    return loads;
  }

  #before(ip: Va): Instruction[] {
    const { rows } = disassembleBefore(this.#system, ip, mostInstructions);
    const decoded = rows.flatMap(({ instruction }) => (instruction === undefined ? [] : [instruction]));
    // In a caller the values are those right before its call.
    const all = isCall(decoded.at(-1)) ? decoded.slice(0, -1) : decoded;
    // Code behind a return or a breakpoint is reached from elsewhere.
    const end = all.findLastIndex(({ flow }) => flow === 'return' || flow === 'interrupt');
    return all.slice(end + 1);
  }
}

/** What registers were at earlier instructions, out of what they hold now and of memory. */
class Past {
  readonly #system: CrashedSystem;
  readonly #code: readonly Instruction[];
  readonly #now: RegisterSet;
  #steps = 0;

  /** `code` runs up to the place where `now` holds. */
  constructor(system: CrashedSystem, code: readonly Instruction[], now: RegisterSet) {
    this.#system = system;
    this.#code = code;
    this.#now = now;
  }

  /** Adds the loads that lead to a register; gives the register that the function was entered with, if it comes to that. */
  loads(register: string, loads: Load[], frame: number): string | undefined {
    let [name, end] = [register, this.#code.length];
    for (;;) {
      const at = this.#writer(name, end);
      if (at < 0) return name;
      const instruction = this.#code[at]!;
      const source = sourceOf(instruction, name);
      if (source === undefined || ++this.#steps > mostSteps) return undefined;
      if ('register' in source) {
        [name, end] = [source.register, at];
        continue;
      }
      const { base, size } = source.memory;
      const cell = this.#address(source.memory, instruction, at);
      if (cell === undefined) return undefined;
      loads.push({
        cell,
        size,
        instruction,
        frame,
        holds: this.#holds(cell, size, this.#value(name, at + 1)),
      });
      if (base === undefined) return undefined;
      [name, end] = [base, at];
    }
  }

  /** What is known of the caller, and what this function has left as the caller had it when it called. */
  untouched(caller: RegisterSet): RegisterSet {
    const kept = [...this.#now.entries()].filter(
      ([name]) => caller.get(name) === undefined && this.#writer(name, this.#code.length) < 0,
    );
    return caller.with(Object.fromEntries(kept));
  }

  #holds(cell: Va, size: number, value: bigint | undefined): boolean | undefined {
    const found = this.#read(cell, size);
    return found === undefined || value === undefined ? undefined : found === BigInt.asUintN(size * 8, value);
  }

  /** The last instruction before `end` that writes a register; -1: none. */
  #writer(register: string, end: number): number {
    for (let at = end - 1; at >= 0; at--) if (writes(this.#code[at]!, register)) return at;
    return -1;
  }

  /** What a register held right before instruction `at`: what it holds now if nothing wrote it since. */
  #value(register: string, at: number): bigint | undefined {
    const last = this.#writer(register, this.#code.length);
    if (last < at) return this.#now.get(register);
    const writer = this.#writer(register, at);
    if (writer < 0 || ++this.#steps > mostSteps * 4) return undefined;
    const instruction = this.#code[writer]!;
    const source = sourceOf(instruction, register);
    if (source === undefined) return undefined;
    if ('register' in source) {
      const value = this.#value(source.register, writer);
      return value === undefined ? undefined : wrap64(value + source.add);
    }
    const cell = this.#address(source.memory, instruction, writer);
    return cell === undefined ? undefined : this.#read(cell, source.memory.size);
  }

  #address(operand: MemoryOperand, instruction: Instruction, at: number): Va | undefined {
    const names = [operand.base, operand.index].filter((name): name is string => name !== undefined);
    const values = Object.fromEntries(names.map((name) => [name, this.#value(name, at)]));
    return effectiveAddress(operand, instruction, this.#now.with(values));
  }

  #read(cell: Va, size: number): bigint | undefined {
    const bytes = size > 0 && size <= 8 ? this.#system.target.readBytes(cell, size) : undefined;
    return bytes?.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }
}

/** Registers that a call may leave changed. */
const lostByCalls = new Set(['rax', 'rcx', 'rdx', 'r8', 'r9', 'r10', 'r11', 'eax', 'ecx', 'edx']);

const isCall = (instruction: Instruction | undefined): boolean =>
  instruction?.flow === 'call' || instruction?.flow === 'indirect-call';

const writes = (instruction: Instruction, register: string): boolean =>
  instruction.writes.includes(register) || (isCall(instruction) && lostByCalls.has(register));

type Source = { readonly memory: MemoryOperand } | { readonly register: string; readonly add: bigint };

/** Where an instruction takes a register's new value from: memory, or another register with something added. */
function sourceOf(instruction: Instruction, register: string): Source | undefined {
  const { mnemonic, memory, operands, reads } = instruction;
  const [operand] = memory;
  if (/^(?:mov|movzx|movsx|movsxd|ldr|pop)$/.test(mnemonic)) {
    if (operand !== undefined)
      return operand.access === 'read' && instruction.writes.length === 1 ? { memory: operand } : undefined;
    const from = reads.filter((name) => name !== register);
    return mnemonic === 'mov' && from.length === 1 ? { register: from[0]!, add: 0n } : undefined;
  }
  if (mnemonic === 'lea' && operand?.base !== undefined && operand.index === undefined && !operand.ipRelative)
    return { register: operand.base, add: operand.displacement };
  if (mnemonic === 'add' || mnemonic === 'sub') {
    const amount = immediate(operands[1]);
    return amount === undefined ? undefined : { register, add: mnemonic === 'add' ? amount : -amount };
  }
  return undefined;
}

/** A number as the debugger writes it: hexadecimal, with an h behind it from 10 on. */
function immediate(text: Instruction['operands'][number] | undefined): bigint | undefined {
  if (typeof text !== 'string' || !/^[0-9A-Fa-f]+h?$/.test(text)) return undefined;
  const value = BigInt(`0x${text.replace(/h$/, '')}`);
  return value >> 31n === 1n ? signExtend32(Number(value)) : value;
}
