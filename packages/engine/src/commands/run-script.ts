import { DebuggerError } from '../base/index.ts';
import { type Command, type CommandRun, linesStep, usageError } from './command.ts';
import type { Console } from './console.ts';
import { type CommandResult, span } from './output.ts';

/** A longer script is a mistake; the host may allow less. */
const maxLength = 0x10_0000;

const nothing: CommandResult = { data: null, lines: [] };

/** `$<` and its kin differ in where the file's name ends, and in whether the file is one block. */
export const runScript: Command = {
  names: ['$<', '$><', '$$<', '$$><', '$$>a<'],
  usage: 'FILE [ARG]...',
  summary: 'run the commands of a file',
  group: 'scripts',
  joins: /^/,
  takesLine: (_args, name) => name === '$<' || name === '$><',
  details: [
    '$<     line by line, each shown before it runs; the name may hold semicolons',
    '$$<    the same; the name ends at a semicolon',
    '$><    as one block: the way for blocks over several lines; an error ends it',
    '$$><   the same; the name ends at a semicolon',
    '$$>a<  as a block, with arguments: ${$arg1} is the first, ${/d:$arg1} tells whether there is one',
  ],
  examples: ['$$><walk.txt', '$$>a<"my script.txt" nt 0x20'],
  run(console, args, name) {
    if (name === '$$>a<') return runWithArguments(console, args);
    const file = args.replace(/^"([^"]*)"$/, '$1');
    if (file === '') throw usageError(runScript, 'the name of a file is missing');
    const text = readScript(console, file);
    return name.includes('>') ? runBlock(console, text) : runLines(console, text);
  },
};

function readScript(console: Console, file: string): string {
  const text = console.host.readText(file);
  if (text.length > maxLength)
    throw new DebuggerError('SCRIPT_TOO_LONG', `the script '${file}' has more than ${maxLength} characters`);
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
}

function* runLines(console: Console, text: string): CommandRun {
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    yield linesStep([[span(`kd> ${line}`, 'dim')]]);
    yield* console.runText(line);
    if (console.leaving) break;
  }
  return nothing;
}

function* runBlock(console: Console, text: string): CommandRun {
  yield* console.runText(text, { strict: true });
  return nothing;
}

function* runWithArguments(console: Console, args: string): CommandRun {
  const words = [...args.matchAll(/"([^"]*)"|[^\s"]+/g)].map(([whole, quoted]) => quoted ?? whole);
  const [file, ...values] = words;
  if (file === undefined) throw usageError(runScript, 'the name of a file is missing');
  return yield* runBlock(console, withArguments(readScript(console, file), values));
}

/** The text with `${$arg1}` and its kin replaced, as documented: before anything of it runs. */
function withArguments(text: string, values: readonly string[]): string {
  let left = 4 * maxLength;
  return text.replace(
    /\$\{(\/[dfn]:)?\$arg(\d{1,4})\}/g,
    (whole, option: string | undefined, number: string) => {
      const value = values[Number(number) - 1];
      const replaced = argumentText(whole, option, value, `$arg${number}`);
      left -= replaced.length;
      if (left < 0) throw new DebuggerError('SCRIPT_TOO_LONG', 'the arguments make the script too long');
      return replaced;
    },
  );
}

function argumentText(
  whole: string,
  option: string | undefined,
  value: string | undefined,
  name: string,
): string {
  if (option === '/d:') return value === undefined ? '0' : '1';
  if (option === '/f:') return value ?? '';
  if (option === '/n:') return value === undefined ? whole : name;
  return value ?? whole;
}
