import { type Command, usageError } from './command.ts';
import { plain } from './output.ts';

const radixes: readonly number[] = [8, 10, 16];

export const radixCommand: Command = {
  names: ['n'],
  usage: '[8 | 10 | 16]',
  summary: 'show or set the base of numbers without a prefix',
  group: 'expressions',
  details: ['8, 10 and 16 are read as decimal whatever the base is.'],
  run(console, args) {
    if (args !== '') {
      const radix = radixes.find((each) => String(each) === args);
      if (radix === undefined) throw usageError(radixCommand, `'${args}' is no base: 8, 10 and 16 are`);
      console.radix = radix;
    }
    return { data: console.radix, lines: plain(`base is ${console.radix}`), call: 'session.console.radix' };
  },
};
