import { DebuggerError, pageSize, type Va } from '../base/index.ts';
import type { Machine } from '../cpu/index.ts';
import { effectiveAddress } from '../disasm/index.ts';
import { readThreadId } from '../windows/index.ts';
import type { Console } from './console.ts';
import { scopeFrame } from './frame-scope.ts';
import { findMachineRegister } from './machine-registers.ts';

/** A pseudo register: its value, and why there may be none, as half a sentence. */
interface Automatic {
  readonly read: (console: Console) => bigint | undefined;
  readonly lacks: string;
}

const noRegisters = 'this dump holds no registers of the crash';
const notInDump = 'a dump does not tell it';
const noObject = 'the dump does not tell the thread or process';

const returnRegister: Readonly<Record<Machine, string>> = { x64: 'rax', x86: 'eax', arm64: 'x0' };

/** Values that the debugger keeps itself. Source: the debugger's documentation. */
const automatic: Readonly<Record<string, Automatic>> = {
  '.': { read: scopeIp, lacks: noRegisters },
  $scopeip: { read: scopeIp, lacks: noRegisters },
  $ip: { read: ({ scope }) => scope?.registers.ip, lacks: noRegisters },
  $eventip: { read: ({ system }) => system.processorContext?.value.ip, lacks: noRegisters },
  $csp: { read: ({ scope }) => scope?.registers.sp, lacks: noRegisters },
  $ra: { read: (console) => scopeFrame(console)?.returnAddress, lacks: 'the stack cannot be walked' },
  $retreg: { read: returnValue, lacks: 'the registers here do not tell it' },
  $retreg64: { read: wideReturnValue, lacks: 'the registers here do not tell it' },
  $ea: {
    read: (console) => operandAddress(console, 0),
    lacks: 'the current instruction has no known address',
  },
  $ea2: {
    read: (console) => operandAddress(console, 1),
    lacks: 'the current instruction has no second address that is known',
  },
  $exp: { read: ({ variables }) => variables.get('$exp') ?? 0n, lacks: '' },
  $extret: { read: ({ variables }) => variables.get('$extret'), lacks: 'only !list sets it' },
  $p: { read: ({ variables }) => variables.get('$p'), lacks: 'no memory was displayed yet' },
  $thread: { read: currentThread, lacks: 'the dump does not tell the current thread' },
  $proc: { read: currentProcess, lacks: 'the dump does not tell the current process' },
  $teb: { read: (console) => member(console, currentThread(console), '_KTHREAD', 'Teb'), lacks: noObject },
  $peb: { read: (console) => member(console, currentProcess(console), '_EPROCESS', 'Peb'), lacks: noObject },
  $tid: { read: (console) => threadId(console, 'id'), lacks: noObject },
  $tpid: { read: (console) => threadId(console, 'processId'), lacks: noObject },
  $frame: { read: ({ frame }) => BigInt(frame), lacks: '' },
  $ptrsize: { read: ({ system }) => BigInt(system.target.pointerSize), lacks: '' },
  $pagesize: { read: () => BigInt(pageSize), lacks: '' },
  $bug_code: { read: ({ system }) => BigInt(system.target.dump.header.bugCheckCode), lacks: '' },
  $dbgtime: { read: ({ host }) => BigInt(Math.floor(host.now()) + 11_644_473_600_000) * 10_000n, lacks: '' },
  $prcb: { read: (console) => processor(console)?.prcb, lacks: 'the dump does not tell the processor' },
  $pcr: { read: processorRegion, lacks: 'the dump does not tell the processor' },
  $exr_code: {
    read: ({ system }) => integer(system.exceptionRecord?.code),
    lacks: 'there is no exception record',
  },
  $exr_numparams: {
    read: ({ system }) => integer(system.exceptionRecord?.information.length),
    lacks: 'there is no exception record',
  },
  $exr_chance: { read: () => undefined, lacks: notInDump },
  $exentry: { read: () => undefined, lacks: 'the first program of a process is not looked up here' },
  $previp: { read: () => undefined, lacks: notInDump },
  $relip: { read: () => undefined, lacks: notInDump },
  $callret: { read: () => undefined, lacks: 'nothing can be called in a dump' },
  $lastclrex: { read: () => undefined, lacks: 'managed code is not debugged here' },
};

/** Names of all pseudo registers, for completion. */
export const pseudoRegisters: readonly string[] = [
  ...Object.keys(automatic).filter((name) => name !== '.'),
  ...Array.from({ length: 4 }, (_, index) => `$bug_param${index + 1}`),
  ...Array.from({ length: 20 }, (_, index) => `$t${index}`),
];

const isVariable = (name: string): boolean => /^\$t1?\d$/.test(name);

/**
 * A register, part of one (`eax`, `al`, `r8d`), flag (`zf`), or pseudo register (`$ip`, `$thread`, `$t0`) by its lower-case
 * name. Undefined: there is none of that name. Throws REGISTER_UNKNOWN where it has no value here.
 */
export function findRegister(console: Console, name: string): bigint | undefined {
  const found = lookUp(console, name);
  if (found === undefined) return undefined;
  if (found.bits > 64)
    throw new DebuggerError('REGISTER_UNKNOWN', `${name} has ${found.bits} bits: no expression takes it`);
  if (found.value === undefined)
    throw new DebuggerError('REGISTER_UNKNOWN', `the value of ${name} is not known: ${found.lacks}`);
  return found.value;
}

/** The same as a value: undefined where the register has none; `bits` is how wide it is shown. */
export function lookUp(
  console: Console,
  name: string,
): { readonly value: bigint | undefined; readonly bits: number; readonly lacks: string } | undefined {
  const bits = console.system.target.pointerSize * 8;
  const pseudo = automatic[name];
  if (pseudo !== undefined) return { value: pseudo.read(console), bits, lacks: pseudo.lacks };
  if (isVariable(name)) return { value: console.variables.get(name) ?? 0n, bits, lacks: '' };
  const numbered = numberedValue(console, name);
  if (numbered !== undefined) return { value: numbered.value, bits, lacks: 'there is no such parameter' };
  const register = findMachineRegister(console, name);
  if (register === undefined) return undefined;
  const lacks = console.scope === undefined ? noRegisters : 'the record that the registers are from lacks it';
  return {
    value: register.value === undefined ? undefined : widened(console, register.value, register.bits),
    bits: register.bits,
    lacks,
  };
}

/** 32-bit registers of a 32-bit machine are sign-extended in expressions. */
function widened({ system }: Console, value: bigint, bits: number): bigint {
  return system.machine === 'x86' && bits === 32 ? BigInt.asUintN(64, BigInt.asIntN(32, value)) : value;
}

/** `$bug_param1` to 4, `$exr_param0` to 14, and `$bp0`: without breakpoints every one of these is 0. */
function numberedValue(
  { system }: Console,
  name: string,
): { readonly value: bigint | undefined } | undefined {
  const [, family, number] = /^\$(bug_param|exr_param|bp)(\d{1,2})$/.exec(name) ?? [];
  const index = Number(number);
  if (family === 'bp') return { value: 0n };
  if (family === 'exr_param' && index <= 14) return { value: system.exceptionRecord?.information[index] };
  if (family === 'bug_param' && index >= 1 && index <= 4)
    return { value: system.target.dump.header.bugCheckParameters[index - 1] };
  return undefined;
}

function scopeIp(console: Console): Va | undefined {
  return console.frame === 0 ? console.scope?.registers.ip : scopeFrame(console)?.ip;
}

const integer = (value: number | undefined): bigint | undefined =>
  value === undefined ? undefined : BigInt(value);

function currentThread({ thread, system }: Console): Va | undefined {
  return thread ?? system.thread?.address;
}

function currentProcess({ process, system }: Console): Va | undefined {
  return process ?? system.process?.address;
}

const processor = ({ system, processor: number }: Console) =>
  system.processors.find((each) => number !== undefined && each.number?.value === number) ??
  system.crashedProcessor;

/** The KPCR that the KPRCB lies in. */
function processorRegion(console: Console): Va | undefined {
  const prcb = processor(console)?.prcb;
  const offset = console.system.data?.value.offset('OffsetPcrContainedPrcb');
  return prcb === undefined || offset === undefined ? undefined : prcb - BigInt(offset);
}

/** A pointer of a kernel structure. Throws TYPES_UNKNOWN where its place in this kernel is not known. */
function member({ system }: Console, at: Va | undefined, name: string, path: string): bigint | undefined {
  const { structures } = system;
  if (at === undefined) return undefined;
  if (structures.offset(name, path) === undefined) throw structures.unknown(name, path);
  const structure = structures.at(name, at);
  const value = structure.pointer(path);
  if (value !== undefined) return value;
  const why = structure.why(path) ?? 'it is no pointer';
  throw new DebuggerError('REGISTER_UNKNOWN', `${name}.${path} cannot be read: ${why}`);
}

/** The IDs of the current thread. */
function threadId(console: Console, which: 'id' | 'processId'): bigint | undefined {
  const { system } = console;
  const thread = currentThread(console);
  if (thread === undefined) return undefined;
  const ids = readThreadId(system, thread);
  if (system.structures.offset('_ETHREAD', 'Cid') === undefined)
    throw system.structures.unknown('_ETHREAD', 'Cid');
  return ids[which];
}

function returnValue({ scope }: Console): bigint | undefined {
  const registers = scope?.registers;
  const value = registers?.get(returnRegister[registers.machine]);
  return value === undefined || registers?.machine !== 'x86'
    ? value
    : BigInt.asUintN(64, BigInt.asIntN(32, value));
}

/** edx:eax on x86. */
function wideReturnValue(console: Console): bigint | undefined {
  const registers = console.scope?.registers;
  if (registers?.machine !== 'x86') return returnValue(console);
  const [high, low] = [registers.get('edx'), registers.get('eax')];
  return high === undefined || low === undefined ? undefined : (high << 32n) | low;
}

function operandAddress({ system, scope }: Console, index: number): Va | undefined {
  const ip = scope?.registers.ip;
  const instruction = ip === undefined ? undefined : system.decodeAt(ip);
  const operand = instruction?.memory[index];
  if (scope === undefined || instruction === undefined || operand === undefined) return undefined;
  return effectiveAddress(operand, instruction, scope.registers);
}
