import type { Va } from '../../base/index.ts';
import { disassembleBefore } from '../../code/index.ts';
import type { RegisterSet } from '../../cpu/index.ts';
import type { Instruction } from '../../disasm/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { Frame } from '../../unwind/index.ts';
import { type Load, Past } from './past-registers.ts';
import type { Scene } from './scene.ts';
import { isCall } from './value-source.ts';

/** A cell of memory that a value was loaded from, which the faulting instruction used. */
export interface LoadedFrom extends Load {
  /** Register of the faulting instruction that held the value, and what it held. */
  readonly register: string;
  readonly value: bigint;
}

/** Instructions of a function that are looked back over. */
const mostInstructions = 64;
/** Frames that a value is followed up through. */
const mostFrames = 4;

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
  return [...new Set(named.length > 0 ? named : jumps)].filter((name) => !/^(?:[re]?sp|[re]ip)$/.test(name));
}

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
