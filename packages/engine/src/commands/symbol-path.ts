import { DebuggerError } from '../base/index.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import type { HostSymbols } from './host.ts';
import { type CommandResult, type Line, plain, span } from './output.ts';

/** Microsoft's public server. Source: Microsoft's page on its symbol server. */
const publicServer = 'https://msdl.microsoft.com/download/symbols';

export const symbolPath: Command = {
  names: ['.sympath', '.sympath+', '.symfix', '.symfix+'],
  usage: '[PATH]',
  summary: 'show or set where symbols are looked for',
  group: 'modules',
  details: [
    'PATH has elements with ; between them: folders, srv*FOLDER*URL, cache*FOLDER. .sympath+ puts them behind those that are set.',
    `.symfix [FOLDER] sets srv*FOLDER*${publicServer}, .symfix+ puts it behind.`,
    'The path that is set serves the next .reload. It begins with --symbols and _NT_SYMBOL_PATH of the command line.',
  ],
  examples: ['.sympath', '.sympath+ srv*~/symbols*https://symbols.example.com', '.symfix ~/symbols'],
  takesLine: (args) => args !== '' && !args.startsWith(';'),
  run(console, args, name) {
    const isFixed = name.startsWith('.symfix');
    if (args === '' && !isFixed) {
      if (name === '.sympath+') throw usageError(symbolPath, 'a path is missing');
      return shown(console);
    }
    const path = unquoted(args);
    if (isFixed && /[;*]/.test(path)) throw usageError(symbolPath, '.symfix takes one folder');
    return change(
      console,
      isFixed ? ['srv', ...(path === '' ? [] : [path]), publicServer].join('*') : path,
      name.endsWith('+') ? 'append' : 'replace',
    );
  },
};

const unquoted = (text: string): string => /^"(.*)"$/.exec(text)?.[1] ?? text;

function change(console: Console, path: string, how: 'replace' | 'append'): CommandResult<string> {
  const problems = hostSymbols(console).change(path, how);
  console.symbolsAreOld = true;
  const { data, lines } = shown(console);
  return {
    data,
    lines: [
      ...lines,
      ...problems.map((problem): Line => [span(`  ${problem}`, 'warning')]),
      [span('(.reload looks there)', 'dim')],
    ],
    call: 'session.symbolPath',
  };
}

/** Throws HOST_LACKS. */
function hostSymbols({ host }: Console): HostSymbols {
  if (host.symbols !== undefined) return host.symbols;
  throw new DebuggerError('HOST_LACKS', 'another symbol path cannot be used here');
}

function shown(console: Console): CommandResult<string> {
  const path = console.symbolPath;
  return {
    data: path,
    lines: [
      ...plain(`Symbol search path is: ${path === '' ? '*** Invalid ***' : path}`),
      ...(console.system.symbols.search === undefined && !console.symbolsAreOld ? [noSearch] : []),
    ],
    call: 'session.symbolPath',
  };
}

export const noSearch: Line = [
  span(
    '(no symbols were looked for: names come from export tables, layouts and some names of nt from built-in profiles)',
    'dim',
  ),
];
