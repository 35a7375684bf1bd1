import { DebuggerError } from '../base/index.ts';
import {
  counterStructures,
  type MemoryCounter,
  type MemoryTotals,
  readMemoryTotals,
} from '../windows/index.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { layoutLines } from './object-text.ts';
import { type Line, span } from './output.ts';
import { wrapText } from './wrap-text.ts';

export const memoryTotals: Command = {
  names: ['!vm'],
  usage: '[FLAGS]',
  summary: 'show how much memory there is and what has it, as far as the dump tells',
  group: 'memory',
  details: [
    'Each line names the variable of the kernel that it was read from. Windows 10 and later keep most of them in',
    'structures whose place only symbols tell. FLAGS are taken and change nothing: processes are listed by !process.',
  ],
  examples: ['!vm', '!vm 1'],
  run(console, args) {
    if (!/^(?:0x)?[\da-f]{0,8}$/i.test(args))
      throw usageError(memoryTotals, `'${args.slice(0, 40)}' are no flags`);
    const data = readMemoryTotals(console.system);
    if (data.counters.length === 0)
      throw new DebuggerError('MEMORY_UNREADABLE', 'none of the counters of memory is in this dump');
    return { data, lines: render(console, data), call: 'engine.readMemoryTotals(session.system)' };
  },
};

const kilobytesPerPage = 4n;
/** Numbers end in this column. */
const numberEnd = 33;

function render({ system }: Console, { counters, pageFiles, unknown }: MemoryTotals): Line[] {
  return [
    ...pageFiles.flatMap(({ name, size, free, minimum, maximum }): Line[] => [
      [name === undefined ? 'No Name for Paging File' : `Page File: ${name}`],
      [`  Current: ${kilobytes(size)} Kb  Free Space: ${kilobytes(free)} Kb`],
      [`  Minimum: ${kilobytes(minimum)} Kb  Maximum:    ${kilobytes(maximum)} Kb`],
    ]),
    ...(pageFiles.length === 0 ? [] : [['']]),
    ...counters.map(counterLine),
    ...(unknown.length === 0 ? [] : unknownLines(unknown)),
    ...(counters.some(({ from }) => from.includes('.')) ? layoutLines(system, counterStructures) : []),
  ];
}

const unknownLines = (unknown: readonly string[]): Line[] =>
  wrapText(`Not known from this dump: ${unknown.join(', ')}.`, 100).map((text): Line => [span(text, 'dim')]);

const kilobytes = (pages: bigint | undefined): string =>
  (pages === undefined ? '?' : (pages * kilobytesPerPage).toString()).padStart(9);

function counterLine({ name, pages, from }: MemoryCounter): Line {
  const label = `${name}:`;
  const number = pages.toString().padStart(Math.max(numberEnd - label.length, 1));
  const size = (pages * kilobytesPerPage).toString().padStart(11);
  return [`${label}${number} (${size} Kb)`, span(`  ${from}`, 'dim')];
}
