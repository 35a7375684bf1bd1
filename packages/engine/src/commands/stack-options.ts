import { type Machine, RegisterSet } from '../cpu/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { takeExpression } from './evaluate-in.ts';
import { requireScope } from './registers.ts';
import type { StackColumns } from './stack-lines.ts';

/** What one of the k commands shows, by the letters behind the `k`. */
export interface StackOptions extends StackColumns {
  /** The words of the stack instead of its frames. */
  readonly raw: boolean;
  /** Source lines behind the call sites, where the console shows any. */
  readonly sources: boolean;
  /** Parameters by name, which need private symbols. */
  readonly parameters: boolean;
}

export function stackOptions(letters: string): StackOptions {
  const has = (...wanted: readonly string[]): boolean => wanted.some((letter) => letters.includes(letter));
  return {
    numbered: has('n', 'M', 'b', 'v', 'c'),
    memory: has('f'),
    arguments: has('b', 'v'),
    traps: has('v'),
    frameData: has('v'),
    sources: !has('L'),
    clean: has('c'),
    raw: has('d', 'D'),
    parameters: has('p', 'P'),
  };
}

/** Where a walk begins and how many frames it shows. */
export interface StackStart {
  readonly registers: RegisterSet;
  /** Undefined: as many as the command shows by itself. */
  readonly count: number | undefined;
  /** JavaScript that gives these registers. */
  readonly registersCall: string;
}

const maxCount = 0xffffn;
const scopeCall = 'session.console.scope.registers';

/** Reads `COUNT`, `L COUNT` or a place behind `=`. */
export function parseStackStart(command: Command, console: Console, args: string): StackStart {
  const given = /^=\s*(.*)$/s.exec(args)?.[1];
  if (given !== undefined) return parsePlace(command, console, given);
  const { registers } = requireScope(console);
  const counted = args.replace(/^l\s*(?=[\da-f(@$])/i, '');
  return { registers, count: parseCount(command, console, counted), registersCall: scopeCall };
}

/** Registers in the order in which they are typed behind `k =`. Source: the debugger's documentation. */
const placeRegisters = {
  x64: ['rsp', 'rip'],
  x86: ['ebp', 'esp', 'eip'],
  arm64: ['sp', 'pc'],
} as const;
const stackPointers = { x64: 'rsp', x86: 'esp', arm64: 'sp' } as const;
const instructionPointers = { x64: 'rip', x86: 'eip', arm64: 'pc' } as const;

/** `RSP RIP [COUNT]`, `EBP ESP EIP [COUNT]`, or `RSP COUNT` with the instruction pointer of the present registers. */
function parsePlace(command: Command, console: Console, text: string): StackStart {
  const { machine } = console.system;
  const names = placeRegisters[machine];
  const values = takeValues(command, console, text, names.length + 1);
  if (values.length >= names.length && !(values.length === 2 && values[1]! <= maxCount)) {
    const count = values[names.length];
    return startAt(
      machine,
      names.map((name, index) => [name, values[index]!] as const),
      checkCount(command, count),
    );
  }
  const present = requireScope(console).registers.get(instructionPointers[machine]);
  if (values.length === 0 || values.length > 2 || present === undefined)
    throw usageError(command, `on ${machine} give = ${names.join(' ').toUpperCase()} [COUNT]`);
  const place = [
    [stackPointers[machine], values[0]!],
    [instructionPointers[machine], present],
  ] as const;
  return startAt(machine, place, checkCount(command, values[1]));
}

function takeValues(command: Command, console: Console, text: string, most: number): bigint[] {
  const values: bigint[] = [];
  let rest = text.trim();
  while (rest !== '' && values.length < most) {
    const taken = takeExpression(console, rest);
    values.push(taken.value);
    rest = taken.rest;
  }
  if (rest !== '') throw usageError(command, `'${rest}' is too much`);
  return values;
}

function startAt(
  machine: Machine,
  place: readonly (readonly [string, bigint])[],
  count: number | undefined,
): StackStart {
  const bits = machine === 'x86' ? 32 : 64;
  const values = place.map(([name, value]) => [name, BigInt.asUintN(bits, value)] as const);
  const pairs = values.map(([name, value]) => `['${name}', ${bigHex(value)}]`).join(', ');
  return {
    registers: new RegisterSet(machine, values),
    count,
    registersCall: `new engine.RegisterSet('${machine}', [${pairs}])`,
  };
}

function parseCount(command: Command, console: Console, text: string): number | undefined {
  return checkCount(command, takeValues(command, console, text, 1)[0]);
}

function checkCount(command: Command, value: bigint | undefined): number | undefined {
  if (value !== undefined && (value < 1n || value > maxCount))
    throw usageError(command, 'the count is out of range');
  return value === undefined ? undefined : Number(value);
}
