import { pageSize, tickHex } from '../base/index.ts';
import { addressSpaceOf, type MappedPage, walkMappedPages } from '../memory/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, type CommandRun, linesStep, tick, usageError } from './command.ts';
import type { Console } from './console.ts';
import { takeExpression } from './evaluate-in.ts';
import { type Line, span } from './output.ts';
import { requireTables } from './physical.ts';

/** Pages whose data are kept; all of them are shown. */
const mostKept = 0x1_0000;

export const ptovCommand: Command = {
  names: ['!ptov'],
  usage: '[DIRBASE [PFN]]',
  summary: 'list physical pages with the virtual addresses that lead to them',
  group: 'paging',
  details: [
    'DIRBASE is the directory base of a process or its page frame number; 0 or none is the current process.',
    'With PFN only the virtual addresses of that page frame are listed. Pages that the dump does not hold are left out.',
  ],
  examples: ['!ptov', '!ptov 0 1ad'],
  *run(console, args): CommandRun {
    const { memory, physical } = requireTables(console);
    const [base, pfn] = readArguments(console, args);
    const space = addressSpaceOf(memory, physical, base);
    const data: MappedPage[] = [];
    yield linesStep([[heading(console, space.setup.directoryTableBase, space.setup.pae)]]);
    let shown = 0;
    for (const page of walkMappedPages(space)) {
      if (page === undefined) yield tick;
      else if (pfn === undefined || Math.floor(page.pa / pageSize) === pfn) {
        shown++;
        if (data.length < mostKept) data.push(page);
        yield linesStep([[`${wordOf(BigInt(page.pa))} `, span(wordOf(page.va), 'address')]]);
      }
    }
    const lines: Line[] = shown === 0 ? [[span('No virtual address leads there.', 'dim')]] : [];
    return { data, lines, call: callOf(base, pfn) };
  },
};

function callOf(base: bigint, pfn: number | undefined): string {
  const space = `engine.addressSpaceOf(session.console.memory, session.system.target.dump.physical, ${bigHex(base)})`;
  const wanted = pfn === undefined ? 'page' : `page && Math.floor(page.pa / 0x1000) === ${pfn}`;
  return `[...engine.walkMappedPages(${space})].filter((page) => ${wanted}).slice(0, ${mostKept})`;
}

function readArguments(console: Console, args: string): [base: bigint, pfn: number | undefined] {
  if (args === '') return [0n, undefined];
  const first = takeExpression(console, args);
  if (first.rest === '') return [first.value, undefined];
  const second = takeExpression(console, first.rest);
  if (second.rest !== '') throw usageError(ptovCommand, 'there are more than two arguments');
  if (second.value >= 1n << 40n) throw usageError(ptovCommand, 'a page frame number has 40 bits at most');
  return [first.value, Number(second.value)];
}

function heading({ system }: Console, directoryTableBase: number, pae: boolean | undefined): string {
  const walker = { x64: 'Amd64PtoV', x86: 'X86PtoV', arm64: 'Arm64PtoV' }[system.machine];
  return `${walker}: pagedir ${directoryTableBase.toString(16)}${pae === true ? ', PAE enabled.' : ''}`;
}

/** As one types it; with a grave accent where it has more than 32 bits. */
const wordOf = (value: bigint): string => (value >> 32n === 0n ? value.toString(16) : tickHex(value));
