import { padHex, tickHex } from '../base/index.ts';
import type { Command } from './command.ts';
import { plain } from './output.ts';

export const bugCheckCommand: Command = {
  names: ['.bugcheck'],
  usage: '',
  summary: 'show the bug check code and its parameters',
  run({ system }) {
    const { bugCheckCode, bugCheckParameters } = system.target.dump.header;
    const wide = system.target.pointerSize === 8;
    const values = bugCheckParameters.map((value) =>
      wide ? tickHex(value) : padHex(value & 0xffff_ffffn, 8),
    );
    return {
      data: { code: bugCheckCode, parameters: bugCheckParameters },
      lines: plain(`Bugcheck code ${padHex(bugCheckCode, 8).toUpperCase()}`, `Arguments ${values.join(' ')}`),
    };
  },
};
