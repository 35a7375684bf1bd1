import { DebuggerError, type PagingLevel, type Va } from '../base/index.ts';
import type { PhysicalMemory } from '../dump/index.ts';
import { pteBase } from '../memory/index.ts';
import { addressMappedBy, entryAddress, type PagedMemory } from '../mmu/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, type CommandRun, linesStep, usageError } from './command.ts';
import type { Console } from './console.ts';
import { takeExpression } from './evaluate-in.ts';
import { plain } from './output.ts';
import { requireTables } from './physical.ts';
import { type EntryPlace, renderEntry, renderTranslation } from './pte-text.ts';

/** Most pages of a range. */
const mostPages = 0x1000n;

export const pteCommand: Command = {
  names: ['!pte'],
  usage: 'ADDR | PTE | ADDR 1 | START END',
  summary: 'show the paging entries of a virtual address',
  group: 'paging',
  details: [
    'PTE is an address inside the page tables: the entry there, and the ones above it, are shown.',
    'ADDR 1 takes the 8 (or 4) bytes at ADDR as an entry wherever they are. START END shows every page of a range.',
    'Letters: C copy on write, G global, L large, D dirty, A accessed, N not cached, T write-through, K/U kernel or user, W/R writable or not, E executable, V valid.',
  ],
  examples: ['!pte nt', '!pte @rsp', '!pte fffff804`1c200000 fffff804`1c203000'],
  *run(console, args): CommandRun {
    const { memory, physical } = requireTables(console);
    if (args === '') throw usageError(pteCommand, 'an address is missing');
    const first = takeExpression(console, args);
    const second = first.rest === '' ? undefined : takeExpression(console, first.rest);
    if (second !== undefined && second.rest !== '')
      throw usageError(pteCommand, 'there are more than two arguments');
    if (second === undefined) return showOne(console, memory, physical, first.value);
    if (second.value > first.value)
      return yield* showRange(console, memory, physical, first.value, second.value);
    return showLiteral(console, memory, first.value);
  },
};

const translateCall = (va: Va): string => `session.console.memory.translate(${bigHex(va)})`;

function showOne(console: Console, memory: PagedMemory, physical: PhysicalMemory, typed: Va) {
  const base = pteBase(console.system, memory, physical);
  const va = (base === undefined ? undefined : addressMappedBy(memory.setup, base, typed)) ?? typed;
  const data = memory.translate(va);
  if (data.state === 'non-canonical')
    throw new DebuggerError(
      'ADDRESS_NOT_MAPPED',
      `${console.system.plainText(va)} is not a canonical address`,
    );
  const lines = renderTranslation(console.system, memory, va, data, entryPlaces(memory, base, va));
  return { data, lines: plain(...lines), call: translateCall(va) };
}

function* showRange(
  console: Console,
  memory: PagedMemory,
  physical: PhysicalMemory,
  start: Va,
  end: Va,
): CommandRun {
  const pages = (end >> 12n) - (start >> 12n) + 1n;
  if (pages > mostPages)
    throw new DebuggerError('RANGE_TOO_LARGE', `more than ${mostPages} pages are not shown at once`);
  const base = pteBase(console.system, memory, physical);
  const data = [];
  for (let va = (start >> 12n) << 12n; va <= end; va += 0x1000n) {
    const translation = memory.translate(va);
    data.push(translation);
    const lines = renderTranslation(console.system, memory, va, translation, entryPlaces(memory, base, va));
    yield linesStep(plain(...lines));
  }
  const first = bigHex((start >> 12n) << 12n);
  const call = `Array.from({ length: ${pages} }, (_, page) => session.console.memory.translate(${first} + BigInt(page) * 0x1000n))`;
  return { data, lines: [], call };
}

/** The bytes at an address as an entry. */
function showLiteral(console: Console, memory: PagedMemory, address: Va) {
  const narrow = memory.setup.machine === 'x86' && memory.setup.pae !== true;
  const read = narrow ? memory.tryReadU32(address) : memory.tryReadU64(address);
  if (typeof read !== 'bigint' && typeof read !== 'number')
    throw new DebuggerError(
      'MEMORY_UNREADABLE',
      `the entry at ${console.system.addressText(address)} cannot be read`,
    );
  const lines = renderEntry(console.system, memory, address, BigInt(read));
  const call = `session.console.memory.tryReadU${narrow ? 32 : 64}(${bigHex(address)})`;
  return { data: read, lines: plain(...lines), call };
}

const levels: readonly PagingLevel[] = ['PX5', 'PXE', 'PPE', 'PDE', 'PTE'];

/** Virtual addresses of the entries, through the map that Windows keeps of its own tables; empty where there is none. */
function entryPlaces({ setup }: PagedMemory, base: Va | undefined, va: Va): EntryPlace[] {
  if (base === undefined) return [];
  return levels.flatMap((level): EntryPlace[] => {
    const address = entryAddress(setup, base, va, level);
    return address === undefined ? [] : [[level, address]];
  });
}
