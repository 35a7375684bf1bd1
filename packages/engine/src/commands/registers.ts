import { DebuggerError } from '../base/index.ts';
import { type Command, usageError } from './command.ts';
import type { Console, Scope } from './console.ts';
import { currentInstruction, currentInstructionLines } from './current-instruction.ts';
import { type CommandResult, plain } from './output.ts';
import { lookUp } from './pseudo-registers.ts';
import { takeAssignment } from './register-assignment.ts';
import { requireScope } from './register-block.ts';
import {
  formattedElements,
  parseRegisterFormat,
  type RegisterFormat,
  registerText,
} from './register-format.ts';
import { groupLines, groupNames } from './register-groups.ts';
import { ignoredText, maskOf, readMask, registerParts } from './register-mask.ts';

export { registerBlock, registerLines, requireScope } from './register-block.ts';

export const registersCommand: Command = {
  names: ['r', 'rM', 'rF', 'rX', 'rY', 'rYI', 'rZ', 'rZI', 'rK', 'r.', 'r?'],
  usage: '[MASK] [REGISTER[:[COUNT]TYPE] [= VALUE][, ...]]',
  summary: 'show the registers of the current context; set $t0 to $t19',
  group: 'registers',
  joins: /^[@$\d]/,
  details: [
    'A register that the dump does not tell is shown as ????????. Parts (eax, al) and flags (zf, iopl) are registers too.',
    'TYPE shows elements: ib, iw, id, iq signed, ub, uw, ud, uq unsigned, f and d floating point; xmm0:16ub.',
    'rM MASK shows the parts of a mask (rm ? lists them), rF the x87 registers, rX the XMM registers, r. those that the',
    'current instruction uses. Registers of a dump cannot be changed; r $t0 = VALUE sets a variable.',
    'The debugger has the words pe and po the wrong way round on x64, and so has this block: r pf shows the flag itself.',
  ],
  run(console, args, name) {
    if (name === 'r.') return usedRegisters(console, args);
    if (name === 'r?')
      throw new DebuggerError(
        'COMMAND_NOT_HERE',
        'variables have no types here: r $t0 = VALUE sets an integer',
      );
    if (name === 'rM') return maskedRegisters(console, args);
    if (absentKinds.has(name))
      throw new DebuggerError(
        'REGISTER_UNKNOWN',
        `${name}: the context records of kernel dumps hold no AVX registers`,
      );
    if (args !== '') return someRegisters(console, args);
    if (name !== 'r')
      return showParts(console, name === 'rF' ? registerParts.floatingPoint : registerParts.xmm);
    return showParts(console, maskOf(console));
  },
};

const absentKinds: ReadonlySet<string> = new Set(['rY', 'rYI', 'rZ', 'rZI', 'rK']);

const callOf = (names: readonly string[]): string =>
  `${JSON.stringify(names)}.map((name) => ({ name, value: session.register(name) }))`;

function showParts(console: Console, mask: number): CommandResult {
  const scope = requireScope(console);
  const names = groupNames(scope.registers.machine, mask);
  return {
    data: names.map((name) => ({ name, value: valueOf(console, name) })),
    lines: [...groupLines(console, scope, mask), ...currentInstructionLines(console, scope)],
    call: callOf(names),
  };
}

function maskedRegisters(console: Console, args: string): CommandResult {
  if (args === '') throw usageError(registersCommand, 'a mask is missing');
  const { mask, ignored } = readMask(console, args);
  const shown = showParts(console, mask);
  return ignored === 0 ? shown : { ...shown, lines: [...plain(ignoredText(ignored)), ...shown.lines] };
}

const valueOf = (console: Console, name: string): bigint | undefined => lookUp(console, name)?.value;

interface Wanted {
  readonly name: string;
  readonly format: RegisterFormat | undefined;
}

function someRegisters(console: Console, args: string): CommandResult {
  const wanted: Wanted[] = [];
  for (let rest = args.trim(); rest !== ''; ) {
    const assigned = takeAssignment(console, rest);
    if (assigned === undefined) rest = takeRegister(console, rest, wanted);
    else rest = assigned.rest;
    rest = rest.replace(/^[\s,]+/, '');
  }
  const found = wanted.map(({ name, format }) => ({ name, format, register: lookUp(console, name)! }));
  const text = found.map(({ name, format, register: { value, bits } }) => {
    const shown =
      value === undefined || format === undefined
        ? registerText(value, bits)
        : formattedElements(value, bits, format);
    return `${name}=${shown}`;
  });
  return {
    data: found.map(({ name, register: { value } }) => ({ name, value })),
    lines: text.length === 0 ? [] : plain(text.join(' ')),
    ...(text.length === 0 ? {} : { call: callOf(found.map(({ name }) => name)) }),
  };
}

/** Reads a register's name and format; gives what follows. */
function takeRegister(console: Console, text: string, wanted: Wanted[]): string {
  const [typed, name, format] = /^@?(\$?[\w.]+)(?::(\w+))?(?=[\s,]|$)/.exec(text) ?? [];
  const lower = name?.toLowerCase();
  if (typed === undefined || lower === undefined || lower === '.' || lookUp(console, lower) === undefined)
    throw new DebuggerError('NAME_UNKNOWN', `Bad register error at '${text.slice(0, 60)}'`);
  const parsed = format === undefined ? undefined : parseRegisterFormat(format.toLowerCase());
  if (format !== undefined && parsed === undefined)
    throw usageError(registersCommand, `'${format}' is not a type of elements`);
  wanted.push({ name: lower, format: parsed });
  return text.slice(typed.length);
}

/** Registers that the current instruction names, written ones first. */
function usedRegisters(console: Console, args: string): CommandResult {
  if (args !== '') throw usageError(registersCommand, 'r. takes no arguments');
  const scope: Scope = requireScope(console);
  const instruction = currentInstruction(console, scope);
  const ip = scope.registers.machine === 'arm64' ? 'pc' : scope.registers.machine === 'x86' ? 'eip' : 'rip';
  const names = [...new Set([...(instruction?.writes ?? []), ...(instruction?.reads ?? [])])].filter(
    (name) => name !== ip && name !== 'efl' && name !== 'cpsr' && lookUp(console, name) !== undefined,
  );
  const text = names.map((name) => {
    const { value, bits } = lookUp(console, name)!;
    return `${name}=${registerText(value, bits)}`;
  });
  return {
    data: names.map((name) => ({ name, value: valueOf(console, name) })),
    lines: text.length === 0 ? [] : plain(text.join('  ')),
    call: callOf(names),
  };
}
