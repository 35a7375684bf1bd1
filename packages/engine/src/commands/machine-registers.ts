import { floatingRegisters, generalRegisters, type Machine } from '../cpu/index.ts';
import { registerPart } from '../disasm/index.ts';
import { readSpecialRegisters } from '../windows/index.ts';
import type { Console } from './console.ts';

/** A register of the machine in the console's scope. */
export interface MachineRegister {
  /** Undefined: the record that the scope was read from does not hold it, or the dump does not. */
  readonly value: bigint | undefined;
  readonly bits: number;
}

/** Bits of efl. The names are the debugger's. */
const flagBits: Readonly<Record<string, number>> = {
  cf: 0,
  pf: 2,
  af: 4,
  zf: 6,
  sf: 7,
  tf: 8,
  if: 9,
  df: 10,
  of: 11,
  vif: 19,
  vip: 20,
};
const iopl = 12;

const debug = /^dr[012367]$/;
const control = /^(?:cr[0234]|gdtr|idtr)$/;
const selectors = /^(?:gdtl|idtl|tr|ldtr)$/;
const x87Words: Readonly<Record<string, number>> = {
  fpcw: 16,
  fpsw: 16,
  fptw: 16,
  fopcode: 16,
  fpipsel: 16,
  fpdpsel: 16,
  fpip: 32,
  fpdp: 32,
  mxcsr: 32,
};

/** A register of this machine by its lower-case name; undefined when the machine has none of that name. */
export function findMachineRegister(console: Console, name: string): MachineRegister | undefined {
  const { machine } = console.system;
  const registers = console.scope?.registers;
  const part = registerPart(machine, name);
  if (part !== undefined && generalRegisters[machine].includes(part.whole)) {
    const whole = registers?.get(part.whole);
    const value = whole === undefined ? undefined : BigInt.asUintN(part.bits, whole >> BigInt(part.shift));
    return { value, bits: part.bits };
  }
  const bits = contextBits(machine, name);
  // The debugger calls it psr, the record cpsr.
  if (bits !== undefined)
    return { value: registers?.get(name === 'psr' ? 'cpsr' : name) ?? debugRegister(console, name), bits };
  if (machine !== 'arm64') return flag(console, name) ?? special(console, name) ?? floating(console, name);
  return floating(console, name);
}

/** Width of what a context or trap frame may hold beside the floating point registers. */
function contextBits(machine: Machine, name: string): number | undefined {
  const word = machine === 'x86' ? 32 : 64;
  if (generalRegisters[machine].includes(name)) return word;
  if (machine === 'arm64') return name === 'cpsr' || name === 'psr' ? 32 : undefined;
  if (/^[c-gs]s$/.test(name)) return 16;
  if (debug.test(name)) return word;
  return name === 'efl' ? 32 : undefined;
}

/** Contexts often lack the debug registers: those of the processor that stopped are beside its own. */
function debugRegister(console: Console, name: string): bigint | undefined {
  const isOwn = console.scope !== undefined && console.scope === console.defaultScope;
  return isOwn && debug.test(name) ? specialRegisters(console)?.get(name) : undefined;
}

function flag({ scope }: Console, name: string): MachineRegister | undefined {
  const bit = name === 'iopl' ? iopl : flagBits[name];
  if (bit === undefined) return undefined;
  const efl = scope?.registers.get('efl');
  const bits = name === 'iopl' ? 2 : 1;
  return { value: efl === undefined ? undefined : BigInt.asUintN(bits, efl >> BigInt(bit)), bits };
}

function special(console: Console, name: string): MachineRegister | undefined {
  const { machine } = console.system;
  const word = machine === 'x86' ? 32 : 64;
  const isControl = control.test(name) || (name === 'cr8' && machine === 'x64');
  const bits = isControl ? word : selectors.test(name) ? 16 : name === 'xcr0' ? 64 : undefined;
  return bits === undefined ? undefined : { value: specialRegisters(console)?.get(name), bits };
}

/** Control and descriptor registers of the processor that the console works with. */
export function specialRegisters({ system, processor }: Console): ReadonlyMap<string, bigint> | undefined {
  const chosen = system.processors.find(({ number }) => number?.value === processor);
  const from = (processor === undefined ? undefined : chosen) ?? system.crashedProcessor;
  return from === undefined
    ? undefined
    : readSpecialRegisters(system.target, system.data?.value, system.types, from)?.value;
}

function floating({ system, scope }: Console, name: string): MachineRegister | undefined {
  const bits = floatingBits(system.machine, name);
  if (bits === undefined) return undefined;
  const { registers } = scope ?? {};
  const known = registers === undefined ? undefined : floatingRegisters(registers).get(name);
  return { value: known ?? registers?.get(name), bits };
}

function floatingBits(machine: Machine, name: string): number | undefined {
  if (machine === 'arm64') {
    if (/^v(?:[12]?\d|3[01])$/.test(name)) return 128;
    return name === 'fpcr' || name === 'fpsr' ? 32 : undefined;
  }
  if (/^st[0-7]$/.test(name)) return 80;
  if (/^mm[0-7]$/.test(name)) return 64;
  const vector = /^xmm(\d|1[0-5])$/.exec(name)?.[1];
  if (vector !== undefined) return machine === 'x86' && Number(vector) > 7 ? undefined : 128;
  return x87Words[name];
}
