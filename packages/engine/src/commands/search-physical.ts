import { DebuggerError, padHex, pageSize } from '../base/index.ts';
import {
  type PhysicalHit,
  type PhysicalSearch,
  type PhysicalSearchResult,
  pageNamer,
  searchPhysical,
} from '../memory/index.ts';
import { PagedMemory } from '../mmu/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, type CommandRun, linesStep, progressStep, usageError } from './command.ts';
import type { Console } from './console.ts';
import { takeExpression } from './evaluate-in.ts';
import { type Line, plain, span } from './output.ts';
import { requirePhysical } from './physical.ts';

export const searchPhysicalCommand: Command = {
  names: ['!search'],
  usage: '[-s] [-p] DATA [DELTA [STARTPFN [ENDPFN]]]',
  summary: 'search physical memory for a pointer and what is near it',
  group: 'search',
  details: [
    'Shows aligned pointers that are DATA or differ from it by one bit; with DELTA those that are at most so far off, and those that differ from DATA - DELTA by one bit.',
    '-p takes DATA as a 32-bit value; -s is accepted.',
    'Va and Pte are shown where the page frame database tells them and the page tables say the same.',
    'Only pages that the dump holds are searched. A search ends after 65536 hits.',
  ],
  examples: ['!search @rcx', '!search 4f4f4f4f`4f4f4f4f 0 1000 1fff'],
  *run(console, args): CommandRun {
    const physical = requirePhysical(console);
    const search = readArguments(console, args);
    yield linesStep(heading(console, search));
    const name =
      console.memory instanceof PagedMemory ? pageNamer(console.system, console.memory, physical) : undefined;
    const run = searchPhysical(physical, search);
    let named = 0;
    for (;;) {
      const step = run.next();
      if (step.done === true) {
        const call = `engine.runToEnd(engine.searchPhysical(session.system.target.dump.physical, ${searchText(search)}))`;
        return { data: step.value, lines: ending(step.value, named), call };
      }
      const { hits, pfn } = step.value;
      const lines = hits.map((hit) => hitLine(console, hit, name));
      named += lines.filter((line) => line.length > 1).length;
      if (lines.length > 0) yield linesStep(lines);
      yield progressStep('searching', pfn, physical.pages.limit);
    }
  },
};

const searchText = (search: PhysicalSearch): string =>
  `{ ${Object.entries(search)
    .map(([key, value]) => `${key}: ${typeof value === 'bigint' ? bigHex(value) : String(value)}`)
    .join(', ')} }`;

function readArguments(console: Console, args: string): PhysicalSearch {
  const options = /^(?:-[sp](?=\s|$)\s*)*/i.exec(args)![0];
  const values: bigint[] = [];
  for (let rest = args.slice(options.length); rest !== ''; ) {
    if (/^-(?!\d)/.test(rest))
      throw usageError(searchPhysicalCommand, `'${rest.split(/\s/, 1)[0]}' is no option`);
    const taken = takeExpression(console, rest);
    values.push(taken.value);
    rest = taken.rest;
  }
  if (values.length === 0) throw usageError(searchPhysicalCommand, 'the data to search for are missing');
  if (values.length > 4) throw usageError(searchPhysicalCommand, 'there are more than four arguments');
  const { pointerSize } = console.system.target;
  const narrow = pointerSize === 4 || /-p/i.test(options);
  const [data, delta = 0n, first, last] = values;
  if (delta >= 1n << BigInt(pointerSize * 8 - 1))
    throw usageError(searchPhysicalCommand, 'DELTA is too large');
  if (first !== undefined && last !== undefined && last < first)
    throw usageError(searchPhysicalCommand, 'ENDPFN is below STARTPFN');
  return {
    value: narrow ? BigInt.asUintN(32, data!) : data!,
    delta,
    pointerSize,
    ...(first !== undefined && { first: frameNumber(first) }),
    ...(last !== undefined && { last: frameNumber(last) }),
  };
}

function frameNumber(value: bigint): number {
  if (value >= 1n << 40n) throw new DebuggerError('COMMAND_USAGE', 'a page frame number has 40 bits at most');
  return Number(value);
}

const upper = (value: bigint | number, digits: number): string => padHex(value, digits).toUpperCase();

function heading(console: Console, { value, delta, pointerSize, first, last }: PhysicalSearch): Line[] {
  const { limit } = requirePhysical(console).pages;
  const digits = pointerSize * 2;
  const bound = (number: bigint): string => upper(BigInt.asUintN(digits * 4, number), digits);
  const from = upper(first ?? 0, 8);
  const to = upper(last ?? Math.max(0, limit - 1), 8);
  const columns = [
    'Pfn'.padEnd(8),
    'Offset'.padEnd(8),
    ...['Hit', 'Va', 'Pte'].map((name) => name.padEnd(digits)),
  ];
  const names = columns.join(' ').trimEnd();
  return plain(
    `Searching PFNs in range ${from} - ${to} for [${bound(value - delta)} - ${bound(value + delta)}]`,
    '',
    names,
    '- '.repeat(Math.ceil((18 + (digits + 1) * 3) / 2)).trimEnd(),
  );
}

function hitLine({ system }: Console, { pa, value }: PhysicalHit, name: ReturnType<typeof pageNamer>): Line {
  const digits = system.target.pointerSize * 2;
  const pfn = Math.floor(pa / pageSize);
  const offset = pa % pageSize;
  const page = name?.(pfn);
  const cut = (va: bigint): string => upper(BigInt.asUintN(digits * 4, va), digits);
  const parts: Line = [`${upper(pfn, 8)} ${upper(offset, 8)} ${upper(value, digits)}`];
  if (page === undefined) return parts;
  return [...parts, ' ', span(cut(page.va + BigInt(offset)), 'address'), ` ${cut(page.pte)}`];
}

function ending({ hits, resumeAt }: PhysicalSearchResult, named: number): Line[] {
  const end =
    resumeAt === undefined
      ? 'Search done.'
      : span(
          `The search stopped after ${hits.length} hits; it goes on from PFN ${resumeAt.toString(16)}.`,
          'dim',
        );
  const unnamed = hits.length > 0 && named === 0;
  const why = 'No virtual addresses: no page frame database that the page tables confirm is in this dump.';
  return unnamed ? [[end], [span(why, 'dim')]] : [[end]];
}
