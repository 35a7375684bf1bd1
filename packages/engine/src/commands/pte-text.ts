import { type PagingLevel, padHex, type Va } from '../base/index.ts';
import { type PagedMemory, protectionOf, type TableEntry, type Translation } from '../mmu/index.ts';
import type { CrashedSystem } from '../system/index.ts';

/** A level, and where Windows sees its entry. */
export type EntryPlace = readonly [level: PagingLevel, address: Va];

interface Column {
  readonly level: PagingLevel;
  readonly contains: string;
  readonly state: string;
}

/** Characters of a column. */
const width = 27;

/** The entries of an address side by side, in the debugger's layout. */
export function renderTranslation(
  system: CrashedSystem,
  memory: PagedMemory,
  va: Va,
  translation: Translation,
  places: readonly EntryPlace[],
): string[] {
  const wide = system.target.pointerSize === 8;
  const columns = translation.entries.map((entry) => column(memory, entry));
  const shown = alignColumns(columns, places);
  const states = shown.map((each) => each?.state ?? '');
  const at =
    places.length > 0
      ? places.map(([level, address]) => `${level} at ${system.plainText(address).toUpperCase()}`)
      : translation.entries.map(({ level, address }) => `${level} at #${address.toString(16)}`);
  return [
    `${' '.repeat(wide ? 43 : 20)}VA ${system.plainText(va)}`,
    row(at),
    row(shown.map((each) => each?.contains ?? '')),
    row(withLargePage(translation, states, places)),
    ...notes(memory, translation).map((note) => ' '.repeat(width * (at.length - 1) + 1) + note),
  ];
}

/** One entry alone. */
export function renderEntry(
  system: CrashedSystem,
  memory: PagedMemory,
  address: Va,
  value: bigint,
): string[] {
  const { contains, state } = column(memory, { level: 'PTE', address: 0, value });
  const words = (value & 1n) === 0n ? invalidWords(memory, value) : [];
  return [
    `PTE at ${system.plainText(address).toUpperCase()}`,
    contains,
    state.trimEnd(),
    ...words.map((word) => ` ${word}`),
  ];
}

const row = (cells: readonly string[]): string =>
  cells
    .map((cell) => cell.padEnd(width))
    .join('')
    .trimEnd();

function column(
  { setup }: PagedMemory,
  { level, value }: Pick<TableEntry, 'level' | 'value' | 'address'>,
): Column {
  if (value === undefined) return { level, contains: 'not in the dump', state: '' };
  const digits = setup.machine === 'x86' && setup.pae !== true ? 8 : 16;
  const contains = `contains ${padHex(value, digits).toUpperCase()}`;
  if ((value & 1n) === 0n) return { level, contains, state: 'not valid' };
  const frame = (value >> 12n) & 0xf_ffff_ffffn;
  const letters = setup.machine === 'arm64' ? '' : flagLetters(value);
  return { level, contains, state: `pfn ${frame.toString(16).padEnd(10)}${letters}` };
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

/** Columns under the places of their levels; PAE roots and LA57 tops have no place in the map. */
function alignColumns(columns: readonly Column[], places: readonly EntryPlace[]): (Column | undefined)[] {
  if (places.length === 0) return [...columns];
  return places.map(([level]) => columns.find((each) => each.level === level));
}

function withLargePage(
  { pa, pageSize }: Translation,
  states: string[],
  places: readonly EntryPlace[],
): string[] {
  if (pa === undefined || pageSize === 0x1000 || places.length === 0) return states;
  return [...states.slice(0, -1), `LARGE PAGE pfn ${Math.floor(pa / 0x1000).toString(16)}`];
}

/** What the last entry says when it is not valid, in lines of their own. */
function notes(memory: PagedMemory, { state, entries, pageFile, prototype, pa }: Translation): string[] {
  const last = entries.at(-1);
  const value = last?.value;
  if (state === 'valid' || value === undefined || (value & 1n) === 1n) return [];
  const protect = protection(memory, value);
  // A prototype entry without a protection leaves it to the prototype PTE.
  const own = protectionOf(memory.setup, value) === 0 ? [] : protect;
  if (prototype !== undefined) return [`Proto: ${padHex(prototype, 16)}`, ...own];
  if (state === 'prototype') return ['Proto: VAD', ...own];
  if (state === 'transition' && pa !== undefined)
    return [`Transition: ${Math.floor(pa / 0x1000).toString(16)}`, ...protect];
  if (pageFile !== undefined)
    return [`PageFile:  ${pageFile.number}`, `Offset: ${pageFile.offset.toString(16)}`, ...protect];
  if (state === 'demand-zero') return ['DemandZero', ...protect];
  return isFreed(memory, value, last!.level) ? ['Page has been freed'] : [];
}

/** An entry of a free list: not zero, without protection, and of none of the kinds that lead to a page. */
const isFreed = (memory: PagedMemory, value: bigint, level: PagingLevel): boolean =>
  level === 'PTE' && value !== 0n && (value & 0xc01n) === 0n && protectionOf(memory.setup, value) === 0;

/** The same for an entry of which nothing but its bits is known. */
function invalidWords(memory: PagedMemory, value: bigint): string[] {
  if (isFreed(memory, value, 'PTE')) return ['Page has been freed'];
  const kind = (value & 0x400n) !== 0n ? 'Prototype' : (value & 0x800n) !== 0n ? 'Transition' : '';
  const protect = value === 0n ? [] : protection(memory, value);
  return kind === '' ? protect : [kind, ...protect];
}

const accesses = [
  'NoAccess',
  'ReadOnly',
  'Execute',
  'ExecuteRead',
  'ReadWrite',
  'WriteCopy',
  'ExecuteReadWrite',
  'ExecuteWriteCopy',
] as const;
const attributes = ['', ', NoCache', ', Guard', ', WriteCombine'] as const;

function protection({ setup }: PagedMemory, value: bigint): string[] {
  const bits = protectionOf(setup, value);
  if (bits === undefined) return [];
  return [`Protect: ${bits.toString(16)} - ${accesses[bits & 7]}${attributes[bits >> 3]}`];
}
