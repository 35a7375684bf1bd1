import { type Command, usageError } from './command.ts';
import { plain } from './output.ts';
import { takeQuoted } from './quoted-text.ts';

export const echoCommand: Command = {
  names: ['.echo'],
  usage: 'TEXT',
  summary: 'print a text',
  group: 'scripts',
  details: ['In quotes the text may hold semicolons.'],
  examples: ['.echo "r; k comes next"', 'as who nt; .echo this is ${who}'],
  run(_console, args) {
    const text = unquote(args);
    return { data: text, lines: plain(...text.split('\n')) };
  },
};

function unquote(args: string): string {
  const quoted = takeQuoted(args);
  if (quoted === undefined) return args;
  if (quoted.rest !== '') throw usageError(echoCommand, 'there is more behind the quoted text');
  return quoted.text;
}
