import type { Va } from '../base/index.ts';
import type { Module, UnloadedModule } from '../windows/index.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';
import { type Line, plain, span } from './output.ts';
import { timeStampText } from './time-stamp.ts';

/** How the debugger calls the kinds of symbols. */
const symbolText = { exports: 'export symbols', none: 'no symbols' } as const;

/** What `lm` was asked for. */
interface Request {
  readonly verbose: boolean;
  readonly images: boolean;
  readonly namesOnly: boolean;
  readonly pattern: RegExp | undefined;
  readonly address: Va | undefined;
}

export const listModules: Command = {
  names: ['lm'],
  usage: '[v] [t n] [1] [a ADDR] [m PATTERN]',
  summary: 'list loaded and unloaded modules',
  group: 'modules',
  joins: /^[a-z\d]+(?:\s|$)/i,
  details: [
    'lm t n shows image names and time stamps; lmv and lmvm NAME all that is known of a module;',
    'a ADDR the module that holds an address; m PATTERN those whose names match (* and ?);',
    '1 names only. Letters may be run together: lmvm nt, lmDvmnt, lmtn.',
  ],
  run(console, args) {
    const request = parseRequest(console, args);
    const { system } = console;
    const chosen = system.modules.filter((module) =>
      matches(request, module.name, module.base, module.base + BigInt(module.size)),
    );
    const modules = [...chosen].sort((a, b) => (a.base < b.base ? -1 : 1));
    const unloaded = system.unloadedModules.filter((module) =>
      matches(request, module.name, module.start, module.end),
    );
    if (request.namesOnly)
      return { data: { modules, unloaded }, lines: plain(...modules.map((module) => module.name)) };
    const lines = [
      heading(console),
      ...modules.flatMap((module) => moduleLines(console, request, module)),
      ...unloadedLines(console, unloaded),
    ];
    return { data: { modules, unloaded }, lines };
  },
};

/** Options of one letter, run together or apart; `D` only asks the real debugger for links. */
const letters = 'vtn1oflukspDy';

/** Reads `v`, `t n`, `vm NAME`, `Dvmnt`, `1m NAME`, `a ADDR`, `m PATTERN` in the forms people type. */
function parseRequest(console: Console, text: string): Request {
  let flags = '';
  let rest = text.trim();
  for (; rest !== '' && (letters.includes(rest[0]!) || rest[0] === ' '); rest = rest.slice(1))
    flags += rest[0];
  const kind = rest[0];
  const argument = rest.slice(1).trim();
  if (rest !== '' && kind !== 'a' && kind !== 'm')
    throw usageError(listModules, `'${rest}' is not an option`);
  if (/([^ ]).*\1/.test(flags)) throw usageError(listModules, `'${flags}' names an option twice`);
  if (rest !== '' && argument === '')
    throw usageError(listModules, kind === 'a' ? 'an address is missing' : 'a pattern is missing');
  return {
    verbose: flags.includes('v'),
    images: flags.includes('t') || flags.includes('n'),
    namesOnly: flags.includes('1'),
    pattern: kind === 'm' ? wildcard(argument) : undefined,
    address: kind === 'a' ? evaluateIn(console, argument) : undefined,
  };
}

const wildcard = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'i',
  );

function matches(request: Request, name: string, start: Va, end: Va): boolean {
  if (request.address !== undefined && (request.address < start || request.address >= end)) return false;
  return request.pattern === undefined || request.pattern.test(name);
}

function heading({ system }: Console): Line {
  return [
    span(
      system.target.pointerSize === 8
        ? 'start             end                 module name'
        : 'start    end        module name',
      'heading',
    ),
  ];
}

function moduleLines(console: Console, request: Request, module: Module): Line[] {
  const { system } = console;
  const end = system.addressText(module.base + BigInt(module.size));
  const start: Line = [span(system.addressText(module.base), 'address'), ' ', span(end, 'address'), '   '];
  if (request.images)
    return [[...start, `${module.name.padEnd(8)} ${module.image.padEnd(12)} ${stampOf(console, module)}`]];
  const line: Line = [
    ...start,
    span(module.name.padEnd(10), 'symbol'),
    ` (${symbolText[system.symbols.kindOf(module.base)]})`,
  ];
  return request.verbose ? [line, ...verboseLines(console, module)] : [line];
}

const stampOf = ({ system }: Console, module: Module): string =>
  timeStampText(module.timeDateStamp, system.symbols.describeImage(module.base)?.timestampIsHash);

function verboseLines({ system }: Console, module: Module): Line[] {
  const image = system.symbols.describeImage(module.base);
  const hex8 = (value: number) => value.toString(16).toUpperCase().padStart(8, '0');
  return plain(
    `    Image path: ${module.path}`,
    `    Image name: ${module.image}`,
    `    Timestamp:        ${timeStampText(module.timeDateStamp, image?.timestampIsHash)}`,
    `    CheckSum:         ${module.checkSum === undefined ? 'unavailable' : hex8(module.checkSum)}`,
    `    ImageSize:        ${hex8(module.size)}`,
    ...(image?.pdb === undefined
      ? []
      : [`    PDB:              ${image.pdb.name} ${image.pdb.guid}, age ${image.pdb.age}`]),
    ...(image?.fileVersion === undefined ? [] : [`    File version:     ${image.fileVersion}`]),
    `    Known from:       ${module.from}`,
  );
}

function unloadedLines({ system }: Console, unloaded: readonly UnloadedModule[]): Line[] {
  if (unloaded.length === 0) return [];
  const lines = unloaded.map(
    (module): Line => [
      span(system.addressText(module.start), 'address'),
      ' ',
      span(system.addressText(module.end), 'address'),
      `   ${module.name}`,
    ],
  );
  return [[''], [span('Unloaded modules:', 'heading')], ...lines];
}
