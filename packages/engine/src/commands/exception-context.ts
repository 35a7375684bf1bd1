import { DebuggerError, type Va } from '../base/index.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { useContext, useTrapFrame } from './context.ts';
import { type Line, span } from './output.ts';

export const exceptionContext: Command = {
  names: ['.ecxr'],
  usage: '',
  summary: 'use the registers at the exception of this crash',
  group: 'registers',
  details: [
    'They are in the context record or trap frame that the bug check names, or in the trap frame on its stack whose',
    'instruction the bug check names. A line says which.',
  ],
  run(console, args) {
    if (args !== '') throw usageError(exceptionContext, '.ecxr takes no arguments');
    const found = namedRecord(console) ?? trapFrameOfFault(console);
    if (found === undefined) throw noContext(console);
    const shown =
      found.kind === 'context' ? useContext(console, found.address) : useTrapFrame(console, found.address);
    return { ...shown, lines: [sourceLine(console, found), ...shown.lines] };
  },
};

interface Found {
  readonly address: Va;
  readonly kind: 'context' | 'trap';
  /** How it is known to be the one. */
  readonly how: string;
}

function namedRecord({ system }: Console): Found | undefined {
  const found = system.records.registers;
  if (found === undefined) return undefined;
  const { address, kind } = found;
  const index = system.bugCheck.roles.indexOf(kind === 'context' ? 'context-record' : 'trap-frame');
  const isNamed = index >= 0 && system.target.parameterAddress(index) === address;
  const how = isNamed
    ? `parameter ${index + 1} of the bug check`
    : 'found by its instruction pointer, in registers or on the stack of the bug check';
  return { address, kind, how };
}

/** Bug checks of page faults name the instruction only; its trap frame is on the stack behind them. */
function trapFrameOfFault({ system }: Console): Found | undefined {
  const index = system.bugCheck.roles.indexOf('ip');
  const ip = index < 0 ? undefined : system.target.parameterAddress(index);
  const start = system.processorContext?.value;
  if (ip === undefined || start === undefined) return undefined;
  const frames = system.stackFrom(start);
  const at = frames.findIndex(
    ({ trapFrame }, each) => trapFrame !== undefined && frames[each + 1]?.ip === ip,
  );
  const address = frames[at]?.trapFrame;
  return address === undefined
    ? undefined
    : {
        address,
        kind: 'trap',
        how: `on the stack; its instruction is parameter ${index + 1} of the bug check`,
      };
}

function noContext({ system }: Console): DebuggerError {
  const index = system.bugCheck.roles.findIndex((role) => role === 'context-record' || role === 'trap-frame');
  const address = index < 0 ? undefined : system.target.parameterAddress(index);
  const why = address === undefined || address === 0n ? undefined : system.target.whyUnreadable(address);
  if (address !== undefined && why !== undefined) {
    const where = `${system.addressText(address)} (parameter ${index + 1})`;
    return new DebuggerError('MEMORY_UNREADABLE', `the registers of the exception are at ${where}: ${why}`);
  }
  return new DebuggerError(
    'NO_EXCEPTION_CONTEXT',
    'the bug check leads to no context record or trap frame of an exception',
  );
}

function sourceLine({ system }: Console, { address, kind, how }: Found): Line {
  const what = kind === 'context' ? 'Context record' : 'Trap frame';
  const command = `${kind === 'context' ? '.cxr' : '.trap'} ${system.shortText(address)}`;
  return [span(`${what} at ${system.addressText(address)}: ${how}`, 'dim', command)];
}
