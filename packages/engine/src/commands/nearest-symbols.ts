import { DebuggerError } from '../base/index.ts';
import { type FoundSymbol, type NearestSymbols, nearestSymbols } from '../code/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';
import { type Line, plain, span } from './output.ts';
import { typeNote } from './symbol-lines.ts';

export const nearestSymbolsCommand: Command = {
  names: ['ln'],
  usage: '[ADDR]',
  summary: 'show the symbols before and behind an address',
  group: 'modules',
  joins: /^[@$(.\d]/,
  details: [
    'The source line stands first where private symbols tell it, with the distance from its beginning.',
    'Where the address does not surely belong to the name before it, a line says so.',
  ],
  run(console, args) {
    const { system } = console;
    const va = args === '' ? console.scope?.registers.ip : evaluateIn(console, args.replace(/^\/D\s+/, ''));
    if (va === undefined) throw usageError(nearestSymbolsCommand, 'an address is missing');
    const found = nearestSymbols(system, va);
    if (found === undefined)
      throw new DebuggerError('MODULE_UNKNOWN', `${system.addressText(va)} is in no module`);
    return {
      data: found,
      lines: [...sourceLine(console, va), ...nearestLines(console, va, found)],
      call: `engine.nearestSymbols(session.system, ${bigHex(va)})`,
    };
  },
};

/** `d:\src\file.c(12)+0x4`. */
function sourceLine({ system, sourceLines }: Console, va: bigint): Line[] {
  const source = sourceLines ? system.symbols.lineAt(va) : undefined;
  if (source?.file === undefined) return [];
  const { file, line, offset = 0 } = source;
  return plain(`${file}(${line})${offset === 0 ? '' : `+0x${offset.toString(16)}`}`);
}

function nearestLines(console: Console, va: bigint, found: NearestSymbols): Line[] {
  const [first] = found.before;
  const { after } = found;
  if (first === undefined && after === undefined) {
    return [...plain(moduleOffset(console, va, found)), note('no names are known in this module')];
  }
  const { offset } = found;
  const before =
    first === undefined
      ? moduleOffset(console, va, found)
      : `${placed(console, first)}${offset === 0 ? '' : `+0x${offset.toString(16)}`}`;
  const behind = after === undefined ? '' : placed(console, after);
  const exact = first !== undefined && offset === 0 ? found.before : [];
  return [
    ...plain(behind === '' ? before : `${before}   |  ${behind}`),
    ...(exact.length === 0 ? [] : plain('Exact matches:', ...exact.map((symbol) => `    ${full(symbol)}`))),
    ...(found.isInside
      ? []
      : [note('not all names are known: the address may belong to code or data without a name')]),
  ];
}

/** By the module alone, where none of its names stands before the address. */
const moduleOffset = ({ system }: Console, va: bigint, { base, module }: NearestSymbols): string =>
  `(${system.addressText(base)})   ${system.symbols.nameOf(va) ?? module}`;

const note = (text: string): Line => [span(`(${text})`, 'dim')];

/** `(fffff804`1c201010)   nt!KeBugCheckEx`. */
const placed = ({ system }: Console, { address, module, name }: FoundSymbol): string =>
  `(${system.addressText(address)})   ${module}!${name}`;

const full = (symbol: FoundSymbol): string => `${symbol.module}!${symbol.name}${typeNote(symbol)}`;
