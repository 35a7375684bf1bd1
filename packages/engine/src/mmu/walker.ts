import type { Pa, Va } from '../base/index.ts';
import type { PhysicalMemory } from '../dump/index.ts';
import { classify, frameOf } from './hardware-entry.ts';
import { indexOf, isTranslatable, type Level, type PagingScheme, rootOf, schemeOf } from './paging-scheme.ts';
import type { PagingSetup } from './paging-setup.ts';
import {
  decodeSoftwareEntry,
  isSubsection,
  type SoftwareEntry,
  type SoftwareFormat,
  softwareFormatOf,
} from './software-entry.ts';

/**
 * How a translation ended. `prototype`: the entry leads to a prototype PTE (or to the VAD); where that one gives
 * a page there is a physical address.
 */
export type TranslationState =
  | 'valid'
  | 'transition'
  | 'prototype'
  | 'paged-out'
  | 'demand-zero'
  | 'not-present'
  | 'table-not-in-dump'
  | 'non-canonical';

const deepest = 5;

/**
 * Walks the tables for one address at a time. The result stands in its fields until the next walk, so that a walk
 * makes no objects unless it meets an entry that is not valid.
 */
export class Walker {
  readonly scheme: PagingScheme;
  readonly format: SoftwareFormat;
  readonly root: Pa;
  state: TranslationState = 'non-canonical';
  /** Physical address of the byte, or -1. */
  pa: Pa = -1;
  /** Bytes of the page that the last entry maps. */
  pageSize = 0x1000;
  /** Entries met, root first; the last of them has no contents when its table is not in the dump. */
  depth = 0;
  readonly addresses = new Float64Array(deepest);
  readonly lows = new Uint32Array(deepest);
  readonly highs = new Uint32Array(deepest);
  /** File offset of the last table, or -1. */
  table = -1;
  /** The last entry's own words where it is not valid, then those of the prototype PTE. */
  software: SoftwareEntry | undefined;
  prototype: Va | undefined;
  readonly #physical: PhysicalMemory;
  readonly #setup: PagingSetup;
  /** Reads prototype PTEs, and follows none itself: one that leads to another ends there. */
  #prototypes: Walker | undefined;
  readonly #follows: boolean;

  constructor(physical: PhysicalMemory, setup: PagingSetup, followsPrototypes = true) {
    this.#physical = physical;
    this.#setup = setup;
    this.scheme = schemeOf(setup);
    this.format = softwareFormatOf(setup, physical.pages.limit);
    this.root = rootOf(setup);
    this.#follows = followsPrototypes;
  }

  /** Level of the last entry met. */
  get level(): Level | undefined {
    return this.scheme.levels[this.depth - 1];
  }

  walk(high: number, low: number): void {
    this.#end(isTranslatable(this.scheme, high, low) ? 'not-present' : 'non-canonical', -1);
    this.depth = 0;
    this.software = undefined;
    this.prototype = undefined;
    let table = this.state === 'non-canonical' ? -1 : this.root;
    while (table >= 0) table = this.#step(table, high, low);
  }

  /** Takes one level; returns the next table's address, or -1 when the walk has ended. */
  #step(table: Pa, high: number, low: number): Pa {
    const { scheme, depth } = this;
    const level = scheme.levels[depth]!;
    const address = table + indexOf(level, high, low) * scheme.entrySize;
    this.depth = depth + 1;
    if (!this.#read(depth, address)) return this.#end('table-not-in-dump', -1);
    const entry = this.lows[depth]!;
    const kind = classify(scheme, level, entry);
    if (kind === 'software') return this.#meetSoftware(level, low);
    if (kind === 'reserved') return this.#end('not-present', -1);
    const frame = frameOf(scheme, level, entry, this.highs[depth]!);
    if (kind === 'table') return frame;
    this.pageSize = 2 ** level.shift;
    return this.#end('valid', frame + ((low & (this.pageSize - 1)) >>> 0));
  }

  /** Ends the walk, unless a table is in transition: its page is still what it was. */
  #meetSoftware(level: Level, low: number): Pa {
    const at = this.depth - 1;
    const entry = decodeSoftwareEntry(this.format, this.lows[at]!, this.highs[at]!);
    const isLast = level.shift === 12;
    if (!isLast && entry.state === 'transition') return entry.pa!;
    this.software = entry;
    if (!isLast && entry.state === 'prototype') return this.#end('not-present', -1);
    if (entry.prototype !== undefined) return this.#followPrototype(entry.prototype, low);
    return this.#end(entry.state, entry.pa === undefined ? -1 : entry.pa + (low & 0xfff));
  }

  #followPrototype(va: Va, low: number): Pa {
    this.prototype = va;
    const pa = this.#follows ? this.#translatePrototype(va) : -1;
    const offset = pa < 0 ? -1 : this.#physical.offsetOf(pa);
    const entryLow = offset < 0 ? -1 : this.#physical.file.readU32(offset);
    const entryHigh = offset < 0 || this.scheme.entrySize === 4 ? 0 : this.#physical.file.readU32(offset + 4);
    if (entryLow < 0 || entryHigh < 0) return this.#end('prototype', -1);
    return this.#meetPrototype(entryLow, entryHigh, low);
  }

  #translatePrototype(va: Va): Pa {
    this.#prototypes ??= new Walker(this.#physical, this.#setup, false);
    this.#prototypes.walk(Number(va >> 32n), Number(va & 0xffff_ffffn));
    return this.#prototypes.pa;
  }

  /** A prototype PTE is valid, in transition, in a page file, or names the subsection whose file holds the page. */
  #meetPrototype(entryLow: number, entryHigh: number, low: number): Pa {
    const last = this.scheme.levels.at(-1)!;
    const kind = classify(this.scheme, last, entryLow);
    const within = low & 0xfff;
    if (kind === 'page')
      return this.#end('prototype', frameOf(this.scheme, last, entryLow, entryHigh) + within);
    if (kind === 'reserved' || isSubsection(entryLow, entryHigh)) return this.#end('prototype', -1);
    const entry = decodeSoftwareEntry(this.format, entryLow, entryHigh);
    if (entry.state === 'transition') return this.#end('prototype', entry.pa! + within);
    if (entry.state === 'prototype' || entry.state === 'not-present') return this.#end('prototype', -1);
    this.software = { ...entry, rights: this.software!.rights };
    return this.#end(entry.state, -1);
  }

  #end(state: TranslationState, pa: Pa): -1 {
    this.state = state;
    this.pa = pa;
    if (state !== 'valid') this.pageSize = 0x1000;
    return -1;
  }

  #read(depth: number, address: Pa): boolean {
    const { file } = this.#physical;
    this.addresses[depth] = address;
    const offset = this.#physical.offsetOf(address);
    const low = offset < 0 ? -1 : file.readU32(offset);
    const high = low < 0 || this.scheme.entrySize === 4 ? 0 : file.readU32(offset + 4);
    this.table = low < 0 ? -1 : offset - (address % 0x1000);
    this.lows[depth] = low;
    this.highs[depth] = high;
    return low >= 0 && high >= 0;
  }
}
