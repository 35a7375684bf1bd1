import { DebuggerError, Fault, type Va } from '../base/index.ts';
import type { RegisterSet } from '../cpu/index.ts';
import { evaluate } from '../expr/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import type { CommandResult } from './output.ts';

/** Registers that `r`, `k`, `u` and expressions work with: those of the crash, or of a `.cxr` or `.trap`. */
export interface Scope {
  readonly registers: RegisterSet;
  /** Where they were read; `trap` frames lack registers. */
  readonly kind: 'context' | 'trap';
}

/** State of one console over one dump. */
export interface Console {
  readonly system: CrashedSystem;
  /** Undefined when the dump holds no registers. */
  scope: Scope | undefined;
  /** Where the next display or disassembly goes on. */
  nextData: Va | undefined;
  nextCode: Va | undefined;
}

export interface Command {
  /** All names; the first is shown in the help. */
  readonly names: readonly string[];
  /** Arguments, as the help shows them. */
  readonly usage: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** More lines for `.help NAME`. */
  readonly details?: readonly string[];
  run(console: Console, args: string, name: string): CommandResult;
}

export const usageError = (command: Pick<Command, 'names' | 'usage'>, message: string): DebuggerError =>
  new DebuggerError('COMMAND_USAGE', `${message}; usage: ${command.names[0]} ${command.usage}`.trimEnd());

/** Value of an expression in this console's scope. */
export function evaluateIn(console: Console, text: string): bigint {
  const { system } = console;
  return evaluate(text, {
    memory: system.memory,
    pointerSize: system.target.pointerSize,
    radix: 16,
    findRegister: (name) => findRegister(console, name),
    findSymbol: (name) => system.symbols.findAddress(name),
  });
}

/** A register, part of one (`eax`, `al`, `r8d`), or pseudo register (`$ip`, `$thread`, `$bug_param1`) by its name. */
export function findRegister(console: Console, name: string): bigint | undefined {
  const registers = console.scope?.registers;
  const { header } = console.system.target.dump;
  switch (name) {
    case '.':
    case '$ip':
      return registers?.ip;
    case '$csp':
      return registers?.sp;
    case '$ra':
      return returnAddress(console);
    case '$retreg':
      return registers?.get(registers.machine === 'x64' ? 'rax' : registers.machine === 'x86' ? 'eax' : 'x0');
    case '$thread':
      return console.system.thread?.address;
    case '$proc':
      return console.system.process?.address;
    case '$bug_code':
      return BigInt(header.bugCheckCode);
    default: {
      const parameter = /^\$bug_param([1-4])$/.exec(name)?.[1];
      if (parameter !== undefined) return header.bugCheckParameters[Number(parameter) - 1];
      return registerValue(registers, name);
    }
  }
}

function returnAddress(console: Console): bigint | undefined {
  const registers = console.scope?.registers;
  return registers === undefined ? undefined : console.system.stackFrom(registers, 2)[1]?.ip;
}

/** Halves of registers: `eax`, `ax`, `al`, `ah`, `r8d`, `r8w`, `r8b`; 32-bit values are sign-extended as the debugger does. */
function registerValue(registers: RegisterSet | undefined, name: string): bigint | undefined {
  const whole = registers?.get(name);
  if (whole !== undefined)
    return registers?.machine === 'x86' ? BigInt.asUintN(64, BigInt.asIntN(32, whole)) : whole;
  const part = partOf(name, registers?.machine === 'x86' ? 'e' : 'r');
  const value = part === undefined ? undefined : registers?.get(part.register);
  return part === undefined || value === undefined
    ? undefined
    : BigInt.asUintN(part.bits, value >> part.shift);
}

/** The register and the bits of it that a name such as `eax`, `r8d` or `ah` means. */
export function partOf(
  name: string,
  prefix: string,
): { register: string; bits: number; shift: bigint } | undefined {
  const numbered = /^(r(?:8|9|1[0-5]))([dwb])$/.exec(name);
  if (numbered !== null)
    return { register: numbered[1]!, bits: { d: 32, w: 16, b: 8 }[numbered[2]!]!, shift: 0n };
  const e = /^e([a-z]{2})$/.exec(name)?.[1];
  if (e !== undefined) return { register: `${prefix}${e}`, bits: 32, shift: 0n };
  const word = /^([abcd]x|[sd]i|[sb]p)$/.exec(name)?.[1];
  if (word !== undefined) return { register: `${prefix}${word}`, bits: 16, shift: 0n };
  const byte = /^([abcd])([lh])$/.exec(name);
  if (byte !== null) return { register: `${prefix}${byte[1]}x`, bits: 8, shift: byte[2] === 'h' ? 8n : 0n };
  return undefined;
}

/** Why no record could be read at `va`: its bytes are missing, or they are something else. */
export function noRecord(system: CrashedSystem, what: string, va: Va): DebuggerError {
  const missing = system.memory.tryRead(va, 1) instanceof Fault;
  const where = system.addressText(va);
  return missing
    ? new DebuggerError('MEMORY_UNREADABLE', `the ${what} at ${where} cannot be read`)
    : new DebuggerError('NO_SUCH_RECORD', `there is no ${what} at ${where}`);
}

/** Most elements that one display command shows. */
const maxElements = 0x10000;

/** An address range as typed: `ADDR`, `ADDR LCOUNT` or `ADDR END` (inclusive); the count is in elements. */
export interface Range {
  readonly start: Va;
  readonly count: number;
  /** How the length was given. */
  readonly by: 'count' | 'end' | 'default';
}

/** Reads a range; `fallback` serves where no address is given. `elementSize` in bytes turns an end into a count. */
export function parseRange(
  console: Console,
  text: string,
  options: { readonly fallback: Va | undefined; readonly count: number; readonly elementSize: number },
): Range {
  const { address, count, end } = splitRange(text);
  const start = address === '' ? options.fallback : evaluateIn(console, address);
  if (start === undefined) throw new DebuggerError('COMMAND_USAGE', 'an address is missing');
  if (count !== undefined) return { start, count: bounded(evaluateIn(console, count)), by: 'count' };
  if (end === undefined) return { start, count: options.count, by: 'default' };
  const last = evaluateIn(console, end);
  if (last < start) throw new DebuggerError('COMMAND_USAGE', 'the range ends before it starts');
  return { start, count: bounded((last - start) / BigInt(options.elementSize) + 1n), by: 'end' };
}

function bounded(count: bigint): number {
  if (count > BigInt(maxElements))
    throw new DebuggerError('RANGE_TOO_LARGE', `the range has more than ${maxElements} elements`);
  return Number(count);
}

/** Cuts `a L8`, `a b` or `a` without cutting inside an expression such as `a + 8`. */
export function splitRange(text: string): { address: string; count?: string; end?: string } {
  const counted = /^(.*?)(?:^|\s)[lL]\s*\??\s*((?:0[xnty])?[0-9a-f`]+h?|[(@$].*)$/i.exec(text.trim());
  if (counted !== null) return { address: counted[1]!.trim(), count: counted[2]! };
  const parts = /^(.*[\w)`.])\s+([\w(@$.`!].*)$/.exec(text.trim());
  const operatorWord = /(?:^|\s)(?:and|or|xor|mod|not|hi|low|by|wo|dwo|qwo|poi)$/i;
  if (parts !== null && !operatorWord.test(parts[1]!) && !/^(?:and|or|xor|mod)\b/i.test(parts[2]!)) {
    return { address: parts[1]!, end: parts[2]! };
  }
  return { address: text.trim() };
}

/** Bytes with holes: `mask[i]` is 1 where byte i was read. */
export function readWithHoles(
  console: Console,
  va: Va,
  length: number,
): { bytes: Uint8Array; mask: Uint8Array } {
  const bytes = new Uint8Array(length);
  const mask = new Uint8Array(length);
  const { memory } = console.system;
  let at = 0;
  while (at < length) {
    const read = memory.tryRead(va + BigInt(at), length - at);
    const got = read instanceof Fault ? read.got : read;
    bytes.set(got, at);
    mask.fill(1, at, at + got.length);
    at += got.length;
    if (at >= length || !(read instanceof Fault)) break;
    const next = memory.nextCandidate(va + BigInt(at));
    if (next === undefined || next - va >= BigInt(length) || next <= va + BigInt(at)) break;
    at = Number(next - va);
  }
  return { bytes, mask };
}
