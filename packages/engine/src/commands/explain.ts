import type { Command } from './command.ts';
import { plain } from './output.ts';

export const explainCommand: Command = {
  names: ['explain'],
  usage: '',
  summary: 'print the library call behind the last command',
  group: 'session',
  details: [
    "Everything the console shows comes from the engine: import * as engine from '@poolscope/engine' and open the dump with",
    'const session = await engine.openSession(source), and the printed expression gives the same data.',
  ],
  run({ last }) {
    if (last === undefined) return { data: null, lines: plain('No command has given an answer yet.') };
    const { command, call } = last;
    const line =
      call === undefined ? `'${command}' only changes the state of this console` : `const data = ${call};`;
    return { data: last, lines: plain(line) };
  },
};
