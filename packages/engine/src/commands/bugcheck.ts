import { padHex, tickHex } from '../base/index.ts';
import type { Command } from './command.ts';
import { plain } from './output.ts';

export const bugCheckCommand: Command = {
  names: ['.bugcheck'],
  usage: '',
  summary: 'show the bug check code and its parameters',
  group: 'dump',
  run({ system }) {
    const { bugCheckCode, bugCheckParameters } = system.target.dump.header;
    const wide = system.target.pointerSize === 8;
    const values = bugCheckParameters.map((value) =>
      wide ? tickHex(value) : padHex(value & 0xffff_ffffn, 8),
    );
    return {
      data: system.bugCheckFacts,
      call: 'session.system.bugCheckFacts',
      lines: plain(`Bugcheck code ${padHex(bugCheckCode, 8).toUpperCase()}`, `Arguments ${values.join(' ')}`),
    };
  },
};
