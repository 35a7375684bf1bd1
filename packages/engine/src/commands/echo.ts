import { type Command, usageError } from './command.ts';
import { plain } from './output.ts';

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
  if (!args.startsWith('"')) return args;
  const end = args.indexOf('"', 1);
  if (end < 0) return args.slice(1);
  if (end < args.length - 1) throw usageError(echoCommand, 'there is more behind the quoted text');
  return args.slice(1, end);
}
