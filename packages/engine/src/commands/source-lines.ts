import { type Command, usageError } from './command.ts';
import { plain } from './output.ts';

export const sourceLinesCommand: Command = {
  names: ['.lines'],
  usage: '[-e | -d | -t]',
  summary: 'switch source lines in stacks and code on or off',
  group: 'session',
  details: [
    '-e shows them, -d hides them, -t or no option switches from one to the other. They come from private',
    'symbols, and are shown at first.',
  ],
  run(console, args) {
    const option = args.toLowerCase();
    if (!['-e', '-d', '-t', ''].includes(option))
      throw usageError(sourceLinesCommand, `'${args.slice(0, 20)}' is no option`);
    console.sourceLines = option === '-e' || (option !== '-d' && !console.sourceLines);
    return {
      data: console.sourceLines,
      lines: plain(`Source lines are ${console.sourceLines ? '' : 'not '}shown.`),
      call: 'session.console.sourceLines',
    };
  },
};
