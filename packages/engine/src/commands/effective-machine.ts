import { DebuggerError } from '../base/index.ts';
import type { Machine } from '../cpu/index.ts';
import { type Command, usageError } from './command.ts';
import { plain } from './output.ts';

const descriptions: Readonly<Record<Machine, string>> = {
  x64: 'x64 (AMD64)',
  x86: 'x86 compatible (x86)',
  arm64: 'ARM 64-bit (AArch64) (arm64)',
};

/** Names of machines as the debugger takes them. */
const machines: Readonly<Record<string, Machine | 'other'>> = {
  amd64: 'x64',
  x64: 'x64',
  x86: 'x86',
  arm64: 'arm64',
  arm: 'other',
  chpe: 'other',
  ebc: 'other',
  arm64ec: 'other',
};

export const effectiveMachine: Command = {
  names: ['.effmach'],
  usage: '[. | # | amd64 | x86 | arm64]',
  summary: 'show the processor mode that code and stacks are read in',
  group: 'registers',
  details: ['It is that of the kernel and cannot be changed: contexts of 32-bit programs are not read.'],
  run({ system }, args) {
    const wanted =
      args === '' || args === '.' || args === '#' ? system.machine : machines[args.toLowerCase()];
    if (wanted === undefined) throw usageError(effectiveMachine, `'${args}' is no processor mode`);
    if (wanted !== system.machine)
      throw new DebuggerError(
        'COMMAND_USAGE',
        `the mode stays ${descriptions[system.machine]}: this dump is of such a kernel, and no other code is read`,
      );
    return {
      data: system.machine,
      lines: plain(`Effective machine: ${descriptions[system.machine]}`),
      call: 'session.system.machine',
    };
  },
};
