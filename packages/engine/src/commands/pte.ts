import { DebuggerError, type PagingLevel, padHex, type Va } from '../base/index.ts';
import type { PhysicalMemory } from '../dump/index.ts';
import {
  entryAddress,
  PagedMemory,
  pteBaseOf,
  selfMapSlot,
  type TableEntry,
  type Translation,
} from '../mmu/index.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { requirePhysical } from './display-physical.ts';
import { evaluateIn } from './evaluate-in.ts';
import { plain } from './output.ts';

export const pteCommand: Command = {
  names: ['!pte'],
  usage: 'ADDR',
  summary: 'show the paging entries of a virtual address',
  group: 'paging',
  details: [
    'Letters: C copy on write, G global, L large, D dirty, A accessed, N not cached, T write-through, K/U kernel or user,',
    'W/R writable or not, E executable, V valid.',
  ],
  run(console, args) {
    if (args === '') throw usageError(pteCommand, 'an address is missing');
    const physical = requirePhysical(console);
    const { memory, machine } = console.system;
    const va = evaluateIn(console, args);
    if (!(memory instanceof PagedMemory)) throw usageError(pteCommand, 'this dump has no page tables');
    const translation = memory.translate(va);
    if (translation.state === 'non-canonical') {
      throw new DebuggerError(
        'ADDRESS_NOT_MAPPED',
        `${console.system.plainText(va)} is not a canonical address`,
      );
    }
    const places = entryPlaces(console, physical, memory, va);
    const columns = translation.entries.map((entry) => column(entry, machine === 'arm64'));
    return { data: translation, lines: plain(...render(console, va, translation, places, columns)) };
  },
};

type Place = readonly [level: PagingLevel, address: Va];

const levels: readonly PagingLevel[] = ['PX5', 'PXE', 'PPE', 'PDE', 'PTE'];

/** Virtual addresses of the entries, through the map that Windows keeps of its own tables; empty where there is none. */
function entryPlaces({ system }: Console, physical: PhysicalMemory, { setup }: PagedMemory, va: Va): Place[] {
  if (system.machine === 'arm64') return [];
  const slot = selfMapSlot(physical, setup);
  const base =
    system.data?.value.address('PteBase') ?? (slot === undefined ? undefined : pteBaseOf(setup, slot));
  if (base === undefined) return [];
  return levels.flatMap((level): Place[] => {
    const address = entryAddress(setup, base, va, level);
    return address === undefined ? [] : [[level, address]];
  });
}

interface Column {
  readonly level: PagingLevel;
  readonly contains: string;
  readonly state: string;
}

function column(entry: TableEntry, arm64: boolean): Column {
  const { level, value } = entry;
  if (value === undefined) return { level, contains: 'not in the dump', state: '' };
  const contains = `contains ${padHex(value, 16).toUpperCase()}`;
  if ((value & 1n) === 0n) return { level, contains, state: 'not valid' };
  const frame = (value >> 12n) & 0xf_ffff_ffffn;
  return { level, contains, state: `pfn ${frame.toString(16).padEnd(10)}${arm64 ? '' : flagLetters(value)}` };
}

/** Bit, letter when set, letter when clear: left to right as the debugger shows them. */
const letters: readonly (readonly [bigint, string, string])[] = [
  [9n, 'C', '-'],
  [8n, 'G', '-'],
  [7n, 'L', '-'],
  [6n, 'D', '-'],
  [5n, 'A', '-'],
  [4n, 'N', '-'],
  [3n, 'T', '-'],
  [2n, 'U', 'K'],
  [1n, 'W', 'R'],
  [63n, '-', 'E'],
  [0n, 'V', ' '],
];

const flagLetters = (value: bigint): string =>
  letters.map(([bit, set, clear]) => (((value >> bit) & 1n) === 1n ? set : clear)).join('');

const width = 27;

function render(
  { system }: Console,
  va: Va,
  translation: Translation,
  places: readonly Place[],
  columns: readonly Column[],
): string[] {
  const wide = system.target.pointerSize === 8;
  const heading = `${' '.repeat(wide ? 43 : 20)}VA ${system.plainText(va)}`;
  const row = (cells: readonly string[]) =>
    cells
      .map((cell) => cell.padEnd(width))
      .join('')
      .trimEnd();
  const at =
    places.length > 0
      ? row(places.map(([level, address]) => `${level} at ${system.plainText(address).toUpperCase()}`))
      : row(translation.entries.map(({ level, address }) => `${level} at #${address.toString(16)}`));
  const shown = alignColumns(columns, places);
  const states = shown.map((each) => each?.state ?? '');
  return [
    heading,
    at,
    row(shown.map((each) => each?.contains ?? '')),
    row(withLargePage(translation, states, places)),
    ...notes(translation),
  ];
}

/** Columns under the places of their levels; PAE roots and LA57 tops have no place in the map. */
function alignColumns(columns: readonly Column[], places: readonly Place[]): (Column | undefined)[] {
  if (places.length === 0) return [...columns];
  return places.map(([level]) => columns.find((each) => each.level === level));
}

function withLargePage({ pa, pageSize }: Translation, states: string[], places: readonly Place[]): string[] {
  if (pa === undefined || pageSize === 0x1000 || places.length === 0) return states;
  return [...states.slice(0, -1), `LARGE PAGE pfn ${Math.floor(pa / 0x1000).toString(16)}`];
}

/** What an entry that is not valid says, on lines of their own. */
function notes({ state, pageFile, prototype, pa }: Translation): string[] {
  const indent = ' '.repeat(81);
  if (state === 'transition' && pa !== undefined)
    return [`${indent}Transition: ${Math.floor(pa / 0x1000).toString(16)}`];
  if (pageFile !== undefined)
    return [`${indent}PageFile:  ${pageFile.number}`, `${indent}Offset: ${pageFile.offset.toString(16)}`];
  if (prototype !== undefined) return [`${indent}Proto: ${padHex(prototype, 16)}`];
  return state === 'demand-zero' ? [`${indent}DemandZero`] : [];
}
