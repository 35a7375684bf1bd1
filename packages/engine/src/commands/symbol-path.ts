import { DebuggerError } from '../base/index.ts';
import type { Command } from './command.ts';
import { type Line, plain, span } from './output.ts';

/** Symbols are looked for while a dump is opened: afterwards the path can be seen, not changed. */
export const symbolPath: Command = {
  names: ['.sympath', '.symfix', '.sympath+', '.symfix+'],
  usage: '[PATH]',
  summary: 'show where symbols were looked for',
  group: 'modules',
  details: [
    'Symbols are looked for while a dump is opened: --symbols and _NT_SYMBOL_PATH of the command line say where.',
    '.reload tells what was found for each module, and why not.',
  ],
  run({ system }, args, name) {
    if (args !== '' || name !== '.sympath')
      throw new DebuggerError(
        'COMMAND_NOT_HERE',
        `${name} cannot change the path here: symbols are looked for while a dump is opened. Open it again with --symbols`,
      );
    const { search } = system.symbols;
    const path = search?.path ?? '';
    return {
      data: path,
      lines: [
        ...plain(`Symbol search path is: ${path === '' ? '*** Invalid ***' : path}`),
        ...(search === undefined ? [noSearch] : []),
      ],
      call: "session.system.symbols.search?.path ?? ''",
    };
  },
};

export const noSearch: Line = [
  span(
    '(no symbols were looked for: names come from export tables, layouts and some names of nt from built-in profiles)',
    'dim',
  ),
];
