import { padHex } from '../base/index.ts';
import { readContext, readTrapErrorCode, readTrapFrame } from '../windows/index.ts';
import { bigHex } from './call-text.ts';
import type { Command } from './command.ts';
import type { Console, Scope } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';
import { type CommandResult, type Line, plain, span } from './output.ts';
import { noRecord } from './read-memory.ts';
import { registerBlock } from './registers.ts';

export const contextCommand: Command = {
  names: ['.cxr'],
  usage: '[ADDR]',
  summary: 'use the registers of a context record; without ADDR, those of the crash again',
  group: 'registers',
  details: [
    '0 is the same as no ADDR. Commands that show registers, stacks and code work with the record from then on.',
  ],
  run: (console, args) => {
    const address = addressOf(console, args);
    return address === undefined ? reset(console) : useContext(console, address);
  },
};

/** Nobody keeps a record at address 0: it stands for none. */
function addressOf(console: Console, args: string): bigint | undefined {
  const address = args === '' ? 0n : evaluateIn(console, args);
  return address === 0n ? undefined : address;
}

function reset(console: Console): CommandResult {
  console.resetScope();
  return { data: null, lines: plain('Resetting default scope') };
}

export function useContext(console: Console, address: bigint): CommandResult {
  const registers = readContext(console.system.target, address);
  if (registers === undefined) throw noRecord(console.system, 'context record', address);
  const scope: Scope = { registers, kind: 'context' };
  console.useScope(scope);
  return {
    data: Object.fromEntries(registers.entries()),
    lines: registerBlock(console, scope),
    call: `Object.fromEntries(engine.readContext(session.system.target, ${bigHex(address)}).entries())`,
  };
}

export const trapCommand: Command = {
  names: ['.trap'],
  usage: '[ADDR]',
  summary: 'use the registers of a trap frame; without ADDR, those of the crash again',
  group: 'registers',
  details: [
    'A trap frame does not hold every register: those that it lacks are unknown, not zero. On x64 rbx, rsi and rdi are in',
    'the frames of system calls only; others keep there what was on the stack before.',
  ],
  run: (console, args) => {
    const address = addressOf(console, args);
    return address === undefined ? reset(console) : useTrapFrame(console, address);
  },
};

export function useTrapFrame(console: Console, address: bigint): CommandResult {
  const { target } = console.system;
  const registers = readTrapFrame(target, address);
  if (registers === undefined) throw noRecord(console.system, 'trap frame', address);
  const errorCode = readTrapErrorCode(target, address);
  const scope: Scope = { registers, kind: 'trap' };
  console.useScope(scope);
  const at = `session.system.target, ${bigHex(address)}`;
  return {
    data: { registers: Object.fromEntries(registers.entries()), errorCode },
    lines: trapFrameLines(console, scope, errorCode),
    call: `({ registers: Object.fromEntries(engine.readTrapFrame(${at}).entries()), errorCode: engine.readTrapErrorCode(${at}) })`,
  };
}

/** A trap frame in the debugger's layout; `errorCode` is what the processor pushed, on x86. */
export const trapFrameLines = (console: Console, scope: Scope, errorCode: number | undefined): Line[] => [
  ...headLines(scope, errorCode),
  ...registerBlock(console, scope),
  ...doubts(scope),
];

/** Frames of x86 are complete and have an error code; the others lack registers. */
function headLines({ registers }: Scope, errorCode: number | undefined): Line[] {
  if (registers.machine === 'x86')
    return plain(`ErrCode = ${errorCode === undefined ? '????????' : padHex(errorCode, 8)}`);
  return plain(
    'NOTE: The trap frame does not contain all registers.',
    'Registers that it lacks are shown as ????.',
  );
}

/** Code selectors of Windows: kernel, 64-bit and 32-bit user mode on x64; kernel and user mode on x86. */
const codeSelectors = { x64: [0x10n, 0x33n, 0x23n], x86: [0x8n, 0x1bn] } as const;

/** The bytes of a wrong address make registers too: what contradicts a trap frame is said. */
function doubts({ registers }: Scope): Line[] {
  const { machine } = registers;
  if (machine === 'arm64')
    return [[span('The layout of trap frames of arm64 is known from one source only.', 'dim')]];
  const cs = registers.get('cs');
  const known: readonly bigint[] = codeSelectors[machine];
  return cs === undefined || known.includes(cs & 0xffffn)
    ? []
    : [
        [
          span(
            `This may be no trap frame: its code selector would be ${(cs & 0xffffn).toString(16)}.`,
            'warning',
          ),
        ],
      ];
}
