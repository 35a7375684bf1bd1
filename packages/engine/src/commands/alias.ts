import { DebuggerError, prefixHex } from '../base/index.ts';
import { captureText } from './capture-text.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { asData, asTyped } from './data-text.ts';
import { evaluateIn } from './evaluate-in.ts';
import { type CommandResult, plain } from './output.ts';
import { isTextKind, requireTargetText } from './target-text.ts';

const maxAliases = 1000;
/** Characters that an alias may stand for. */
const maxValue = 0x10_0000;

/** A name, and what it stands for or is to be found by. */
interface Definition {
  readonly option: string | undefined;
  readonly name: string;
  readonly text: string;
}

export const setAlias: Command = {
  names: ['as', 'aS'],
  usage: '[/x | /c | /f | /ma | /mu | /msa | /msu] NAME TEXT',
  summary: 'let a name stand for a text',
  group: 'scripts',
  details: [
    'as takes the rest of the line, aS ends at a semicolon.',
    'The name is replaced where it stands between blanks, and as ${NAME} anywhere.',
    '/x EXPRESSION     its value, as 0x...',
    '/c COMMANDS       what they print',
    '/f FILE           the contents of a file',
    '/ma /mu ADDR      an ASCII or UTF-16 text in memory that ends with NUL',
    '/msa /msu ADDR    an ANSI_STRING or UNICODE_STRING in memory',
  ],
  examples: ['as Pool dps nt!PoolVector L4', 'aS /x Next poi(@rsp)+8; .echo ${Next}', 'as /c Mods lm 1m'],
  takesCommands: true,
  takesLine: (args, name) => name === 'as' && !/^\/(?:x|e|ms?[au])\s/.test(args),
  *run(console, args, name) {
    const definition = parse(args, name);
    const { option, text } = definition;
    const value =
      option === 'c'
        ? asData(yield* captureText(console, console.runText(text, { strict: true })))
        : valueOf(console, definition);
    return setTo(console, definition.name, value);
  },
};

function parse(args: string, command: string): Definition {
  const match = /^(?:\/(\w+)\s+)?(\S+)(?:\s+([\s\S]+))?$/.exec(args);
  const [, option, typed = '', text = ''] = match ?? [];
  const name = plainName(typed);
  if (name === '' || text === '') throw usageError(setAlias, 'a name and what it stands for are needed');
  if (option !== undefined && !/^(?:[xcfe]|ms?[au])$/.test(option))
    throw usageError(setAlias, `there is no option /${option}`);
  if (/^(?:as|al|ad)/i.test(name))
    throw usageError(setAlias, `'${name}' begins like an alias command and would never be replaced`);
  if (/[;"]/.test(name)) throw usageError(setAlias, 'a name holds neither quotes nor semicolons');
  return { option, name, text: command === 'aS' && option === undefined ? unquote(text) : text };
}

/** `${/v:NAME}` is how scripts keep a name from being replaced. */
const plainName = (typed: string): string => typed.replace(/^\$\{\/v:([^{}]*)\}$/, '$1');

const unquote = (text: string): string => text.replace(/^"([^"]*)"$/, '$1');

function valueOf(console: Console, { option, text }: Definition): string {
  if (option === undefined) return text;
  if (option === 'x') return prefixHex(evaluateIn(console, text));
  if (option === 'f') return console.host.readText(text);
  if (isTextKind(option)) return asData(requireTargetText(console, option, evaluateIn(console, text)));
  throw new DebuggerError('HOST_LACKS', 'environment variables cannot be used here');
}

function setTo({ aliases }: Console, name: string, value: string): CommandResult {
  if (value.length > maxValue)
    throw new DebuggerError('SCRIPT_TOO_LONG', `an alias stands for at most ${maxValue} characters`);
  if (aliases.size >= maxAliases && !aliases.has(name))
    throw new DebuggerError('SCRIPT_TOO_LONG', `there are ${maxAliases} aliases already`);
  aliases.set(name, value);
  return { data: { name, value: asTyped(value) }, lines: [] };
}

export const listAliases: Command = {
  names: ['al'],
  usage: '',
  summary: 'list the aliases',
  group: 'scripts',
  run({ aliases }) {
    const data = [...aliases]
      .map(([name, value]) => ({ name, value: asTyped(value) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    if (data.length === 0) return { data, lines: plain('No aliases') };
    const rows = data.flatMap(({ name, value }) => ` ${name.padEnd(16)} ${value}`.trimEnd().split('\n'));
    return { data, lines: plain('  Alias            Value', ' -------          -------', ...rows) };
  },
};

export const deleteAlias: Command = {
  names: ['ad'],
  usage: '[/q] NAME | *',
  summary: 'delete an alias, or all',
  group: 'scripts',
  joins: /^[*/]/,
  details: ['/q: it is no error when there is none.'],
  run({ aliases }, args) {
    const [, quiet, typed] = /^(\/q(?:\s+|$))?(\S*)$/.exec(args) ?? [];
    if (typed === undefined || typed === '') throw usageError(deleteAlias, 'the name of an alias is missing');
    const name = plainName(typed);
    if (name === '*') aliases.clear();
    else if (!aliases.delete(name) && quiet === undefined)
      throw new DebuggerError('COMMAND_USAGE', `there is no alias '${name}'`);
    return { data: null, lines: [] };
  },
};
