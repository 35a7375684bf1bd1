import { type Pfn, pageSize, type Va } from '@poolscope/engine/base';
import { alignUp, writeU64, writeU64Number } from './bytes/integers.ts';
import type { Piece } from './bytes/piece.ts';
import { checkOption } from './check-option.ts';
import { bitmapDump, fullDump } from './dump/page-dumps.ts';
import { buildMachine } from './machine/build-machine.ts';
import type { KernelWorld } from './machine/kernel-world.ts';
import type { Machine } from './machine/machine.ts';
import { countPages, endPage, type PageRun, type PageSource } from './memory/page-source.ts';
import { type PagingStep, x64Paging } from './memory/paging-format.ts';

/** How large the dump is, and what fills it. */
export interface LargeDumpOptions {
  readonly type: 'full' | 'bitmap-full';
  /** Data pages besides those of the machine: 262,144 make 1 GB. */
  readonly pages: number;
  /** Where the data pages are mapped, one after another; a multiple of 2 MB. */
  readonly mappedAt?: Va;
  /** Makes the bytes of data page i in an array that is used again; without it a page begins with its number as u64. */
  readonly fill?: (bytes: Uint8Array, index: number) => void;
  /** Build that the dump's header names; that of the machine when not given. */
  readonly build?: number;
}

/** A dump of many gigabytes that is made page by page as it is read. */
export interface LargeDump {
  /** The small machine that the dump is of. */
  readonly machine: Machine;
  /** Data page i has page number `firstPage + i`, and is mapped at `mappedAt + i * 4096`. */
  readonly firstPage: Pfn;
  readonly mappedAt: Va;
  /** Physical pages in the file. */
  readonly pageCount: number;
  pieces(): Iterable<Piece>;
}

const entriesPerTable = 512;
const bytesPerTable = BigInt(entriesPerTable * pageSize);

/**
 * A dump as large as wanted, for measurements: made piece by piece, so that neither this side nor the host holds it in
 * memory. All data pages are mapped by real four-level tables; the rest is a whole small machine.
 */
export function syntheticLargeDump(options: LargeDumpOptions): LargeDump {
  const { type, pages, mappedAt = 0xffff_a800_0000_0000n, fill, build } = options;
  checkOption(pages > 0 && Number.isInteger(pages), 'a large dump has a whole number of data pages');
  checkOption(mappedAt % bytesPerTable === 0n, 'the data starts where a page table starts');
  const firstPage = firstDataPage;
  const firstTable = firstPage + pages;
  const machine = buildMachine({
    largePage: false,
    prepare: (kernel) => mapTables(kernel, mappedAt, firstTable, pages),
  });
  checkOption(endPage(machine.memory.runs) <= firstPage, 'the data lies above the RAM of the machine');
  const memory = new LargeMemory(machine.memory, pages, fill);
  const header = { ...machine.header, minorVersion: build ?? machine.header.minorVersion };
  const dump = { header, memory };
  const pieces = (): Iterable<Piece> => (type === 'full' ? fullDump(dump) : bitmapDump(dump, 5));
  return { machine, firstPage, mappedAt, pageCount: countPages(memory.runs), pieces };
}

/** Above the 16 MB of the small machine. */
const firstDataPage: Pfn = 0x2000;

const tableCount = (pages: number): number => alignUp(pages, entriesPerTable) / entriesPerTable;

const step = (level: PagingStep['level']): PagingStep => x64Paging.steps.find((one) => one.level === level)!;

/** Enters the page tables, which LargeMemory makes up, into the machine's page directories. */
function mapTables({ space }: KernelWorld, mappedAt: Va, firstTable: Pfn, pages: number): void {
  for (let index = 0; index < tableCount(pages); index++) {
    const entry = x64Paging.table(firstTable + index, step('PDE'), false);
    space.tables.plant(mappedAt + BigInt(index) * bytesPerTable, entry, 'PDE');
  }
}

/** RAM of the machine, then data pages, then the page tables that map them. */
class LargeMemory implements PageSource {
  readonly runs: readonly PageRun[];
  readonly #machine: PageSource;
  readonly #firstPage = firstDataPage;
  readonly #pages: number;
  readonly #fill: LargeDumpOptions['fill'];
  readonly #dataPage = new Uint8Array(pageSize);

  constructor(machine: PageSource, pages: number, fill: LargeDumpOptions['fill']) {
    this.#machine = machine;
    this.#pages = pages;
    this.#fill = fill;
    this.runs = [...machine.runs, { basePage: this.#firstPage, pageCount: pages + tableCount(pages) }];
  }

  page(pfn: Pfn): Uint8Array | undefined {
    const index = pfn - this.#firstPage;
    if (index < 0) return this.#machine.page(pfn);
    if (index >= this.#pages) return this.#table(index - this.#pages);
    if (this.#fill === undefined) writeU64Number(this.#dataPage, 0, pfn);
    else this.#fill(this.#dataPage, index);
    return this.#dataPage;
  }

  #table(index: number): Uint8Array {
    const bytes = new Uint8Array(pageSize);
    const first = index * entriesPerTable;
    const count = Math.min(entriesPerTable, this.#pages - first);
    const flags = x64Paging.leaf(0, step('PTE'), { writable: true });
    for (let entry = 0; entry < count; entry++)
      writeU64(bytes, entry * 8, (BigInt(this.#firstPage + first + entry) << 12n) | flags);
    return bytes;
  }
}
