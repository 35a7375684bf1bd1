import { DebuggerError } from '../base/index.ts';
import type { DumpFormat } from '../dump/index.ts';
import { type Command, usageError } from './command.ts';
import { plain } from './output.ts';

/** How the debugger calls kinds of dumps in this list. */
const kinds: Readonly<Record<DumpFormat, string>> = {
  full: 'Kernel full',
  summary: 'Kernel summary',
  header: 'Kernel header',
  triage: 'Kernel triage',
  'bitmap-full': 'Kernel bitmap',
  'bitmap-kernel': 'Kernel bitmap',
  range: 'Kernel range',
};

export const systemsCommand: Command = {
  names: ['||'],
  usage: '[* | . | # | NUMBER]',
  summary: 'show which kind of dump is open, and its name',
  group: 'dump',
  joins: /^[*.#\d]/,
  run({ system, path }, args) {
    if (/^\d+s$/i.test(args)) throw usageError(systemsCommand, 'there is only one system');
    if (!/^(?:[*.#]|\d+)?$/.test(args)) throw usageError(systemsCommand, `'${args}' is not a system`);
    if (/^\d/.test(args) && Number(args) !== 0)
      throw new DebuggerError('COMMAND_USAGE', `there is no system ${args}`);
    const { header, format } = system.target.dump;
    const bits = header.bits;
    return {
      data: { number: 0, bits, format, path },
      lines: plain(`.  0 ${bits}-bit ${kinds[format]} dump: ${path}`.trimEnd()),
    };
  },
};
