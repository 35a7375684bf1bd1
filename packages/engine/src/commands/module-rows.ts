import { padHex } from '../base/index.ts';
import type { ListedModule } from '../code/index.ts';
import type { UnloadedModule } from '../windows/index.ts';
import type { Console } from './console.ts';
import type { ModuleColumn } from './module-options.ts';
import { type Line, plain, span } from './output.ts';
import { timeStampText } from './time-stamp.ts';

/** How the debugger calls the kinds of symbols. */
const symbolText = {
  pdb: '(pdb symbols)',
  isf: '(ISF symbols)',
  profile: '(profile symbols)',
  exports: '(export symbols)',
  none: '(no symbols)',
} as const;
/** Columns of the status, behind which stands the file that the symbols come from. */
const statusWidth = 23;

export function moduleHeading({ system }: Console): Line {
  const wide = system.target.pointerSize === 8;
  const text = wide ? 'start             end                 module name' : 'start    end        module name';
  return [span(text, 'heading')];
}

/** `start end   name`, and behind it what was asked for, or the kind of symbols. */
export function moduleLine(console: Console, columns: ReadonlySet<ModuleColumn>, module: ListedModule): Line {
  const { system } = console;
  const name = module.name.padEnd(8);
  const start: Line = [
    span(system.addressText(module.base), 'address'),
    ' ',
    span(system.addressText(module.end), 'address'),
    '   ',
    span(name, 'symbol'),
  ];
  if (columns.size === 0) return [...start, `   ${statusText(module)}`];
  const cells = cellsOf(console, columns, module);
  return [...start, ` ${cells.join(' ')}`.trimEnd()];
}

/** The kind of symbols and the file that they come from; of exports the image itself; without either, how many names the dump gives. */
function statusText({ symbols, image, symbolFile, hasPrivateSymbols, namesOfDump }: ListedModule): string {
  if (symbols === 'none')
    return namesOfDump === 0
      ? symbolText.none
      : `${symbolText.none.padEnd(statusWidth)}${namesOfDump} names out of the debugger data`;
  const text = hasPrivateSymbols ? '(private pdb symbols)' : symbolText[symbols];
  return text.padEnd(statusWidth) + (symbolFile ?? image);
}

function cellsOf(console: Console, columns: ReadonlySet<ModuleColumn>, module: ListedModule): string[] {
  const cells: Record<ModuleColumn, () => string> = {
    image: () => module.image.padEnd(12),
    imageName: () => `${module.image.padEnd(12)}   ${symbolText[module.symbols]}`,
    path: () => module.path,
    // The image is read from the dump: no file is mapped for it.
    mapped: () => '',
    checkSum: () => hex8(module.checkSum),
    stamp: () => timeStampText(module.timeDateStamp, isHash(console, module)),
  };
  const order: readonly ModuleColumn[] = ['image', 'imageName', 'path', 'mapped', 'checkSum', 'stamp'];
  return order.filter((column) => columns.has(column)).map((column) => cells[column]());
}

const isHash = ({ system }: Console, { base }: ListedModule): boolean | undefined =>
  system.symbols.moduleAt(base)?.timestampIsHash;

export const hex8 = (value: number | undefined): string =>
  value === undefined ? 'unavailable' : padHex(value, 8).toUpperCase();

/** The modules that were unloaded; `details` adds what `lm t` and `lmv` say of each. */
export function unloadedLines(
  { system }: Console,
  unloaded: readonly UnloadedModule[],
  details: boolean,
): Line[] {
  if (unloaded.length === 0) return [];
  const lines = unloaded.flatMap(({ start, end, name }): Line[] => [
    [span(system.addressText(start), 'address'), ' ', span(system.addressText(end), 'address'), `   ${name}`],
    ...(details ? unknownLines(Number(end - start)) : []),
  ]);
  return [[''], [span('Unloaded modules:', 'heading')], ...lines];
}

/** Windows keeps neither stamp nor checksum of a module that it unloads; the debugger shows zeros. */
const unknownLines = (size: number): Line[] =>
  plain(
    '    Timestamp: unavailable (00000000)',
    '    Checksum:  unavailable (00000000)',
    `    ImageSize:  ${hex8(size)}`,
  );
