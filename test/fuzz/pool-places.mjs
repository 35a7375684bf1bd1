import { openDump } from '../../packages/engine/dist/dump/index.js';
import { BufferSource } from '../../packages/engine/dist/index.js';
import { StructureTable } from '../../packages/lab/dist/machine/structure-table.js';

/**
 * Where the structures of a lab machine's pool and verifier are in its dump, word by word: what a target writes into.
 *
 * @typedef {import('../../packages/lab/dist/index.js').Machine} Machine
 */

/** One word of a structure: its offset in the file, and its address (of a paging entry: the address that it maps). */
/** @typedef {{ readonly offset: number, readonly va: bigint }} Place */

/** @typedef {'variables' | 'debugger-data' | 'descriptors' | 'lookasides' | 'big-pages' | 'tracker' | 'headers' | 'links' | 'bodies' | 'entries' | 'reached' | 'objects'} GroupName */

const page = 0x1000n;
/** Words of one structure at most, so that a large one does not hide the others. */
const mostWords = 0x800;

/**
 * @param {Machine} machine
 * @param {Uint8Array} dump
 */
export function poolPlaces(machine, dump) {
  const finder = new Finder(machine, dump);
  const { pool } = machine.truth;
  const tables = new StructureTable(machine.architecture, machine.profile.build);
  const sizeOf = (/** @type {string} */ name) => tables.size(name) ?? 0;
  const blocks = pool?.blocks ?? [];
  const unit = 2 * finder.word;
  const variables = finder.variables();
  const pages = [...new Set(blocks.map(({ header }) => header & ~(page - 1n)))];
  const big = finder.pointerIn('nt!PoolBigPageTable');
  const tracker = finder.pointerIn('nt!PoolTrackTable');
  const verifier = variables.filter(({ name }) => /!(V[if]|MmVerif|MiSpecial|MiState)/.test(name));
  /** @type {Record<GroupName, Place[]>} */
  const groups = {
    variables: variables.flatMap(({ va, size }) => finder.words(va, Math.min(size, 0x80))),
    'debugger-data': finder.words(machine.debuggerData.va, machine.debuggerData.bytes.length),
    descriptors: (pool?.descriptors ?? []).flatMap(({ address }) =>
      finder.words(address, sizeOf('_POOL_DESCRIPTOR')),
    ),
    lookasides: (pool?.lookasides ?? []).flatMap(({ address }) =>
      finder.words(address, sizeOf('_GENERAL_LOOKASIDE_POOL')),
    ),
    'big-pages': big === undefined ? [] : finder.words(big, mostWords * finder.word),
    tracker: tracker === undefined ? [] : finder.words(tracker, mostWords * finder.word),
    headers: blocks.flatMap(({ header }) => finder.words(header, unit)),
    links: blocks
      .filter(({ state, size }) => state !== 'allocated' && size > unit)
      .flatMap(({ header }) => finder.words(header + BigInt(unit), unit)),
    bodies: pages.flatMap((at) => finder.words(at, Number(page))),
    entries: [...pages, ...variables.map(({ va }) => va)].flatMap((va) => finder.entries(va)),
    reached: finder.reached(verifier),
    objects: [
      machine.process.va,
      machine.thread.va,
      ...machine.processors.map(({ prcb }) => prcb.va),
    ].flatMap((va) => finder.words(va, 0x800)),
  };
  return { groups, pages: pages.length > 0 ? pages : [machine.thread.va & ~(page - 1n)] };
}

export class Finder {
  /** @param {Machine} machine @param {Uint8Array} dump */
  constructor(machine, dump) {
    this.machine = machine;
    this.word = machine.architecture === 'x86' ? 4 : 8;
    const { physical } = openDump(new BufferSource(dump));
    if (physical === undefined) throw new Error('the dump has no physical memory');
    this.physical = physical;
  }

  /** Words that the dump has. @param {bigint} va @param {number} size @returns {Place[]} */
  words(va, size) {
    const found = [];
    for (let at = 0; at + this.word <= size; at += this.word) {
      const offset = this.offsetOf(va + BigInt(at));
      if (offset >= 0) found.push({ offset, va: va + BigInt(at) });
    }
    return found;
  }

  /** @param {bigint} va */
  offsetOf(va) {
    const pfn = this.machine.space.pfnOf(va & ~(page - 1n));
    return pfn === undefined ? -1 : this.physical.offsetOf(pfn * 0x1000 + Number(va & (page - 1n)));
  }

  /** Variables of nt, with the room up to the next one. */
  variables() {
    const { truth, images } = this.machine;
    const nt = images.list[0]?.image;
    const writable = new Set(
      [...(nt?.pages() ?? [])]
        .filter((each) => each.writable)
        .map(({ rva }) => (truth.modules[0]?.base ?? 0n) + BigInt(rva)),
    );
    const data = (/** @type {bigint} */ va) => writable.has(va & ~(page - 1n));
    const all = [...truth.symbols]
      .filter(([name, va]) => name.startsWith('nt!') && data(va))
      .map(([name, va]) => ({ name, va }))
      .sort((a, b) => (a.va < b.va ? -1 : 1));
    return all.map((each, index) => ({
      ...each,
      size: Number((all[index + 1]?.va ?? each.va + 8n) - each.va),
    }));
  }

  /** @param {string} symbol */
  pointerIn(symbol) {
    const va = this.machine.truth.symbols.get(symbol);
    return va === undefined ? undefined : this.pointerAt(va);
  }

  /** @param {bigint} va */
  pointerAt(va) {
    if (this.offsetOf(va) < 0 || (Number(va) & (this.word - 1)) !== 0) return undefined;
    const bytes = this.machine.space.read(va, this.word);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    if (this.word === 8) return view.getBigUint64(0, true);
    return BigInt.asUintN(64, BigInt.asIntN(32, BigInt(view.getUint32(0, true))));
  }

  /** What pointers in some variables lead to, and pointers there, three steps far. @param {readonly { va: bigint, size: number }[]} from */
  reached(from) {
    const seen = new Set();
    /** @type {Place[]} */
    const found = [];
    let open = from.map(({ va, size }) => ({ va, size: Math.min(size, 0x80) }));
    for (let depth = 0; depth < 3; depth++) {
      const next = [];
      for (const { va, size } of open) {
        for (const { va: at } of this.words(va, size)) {
          const to = this.pointerAt(at);
          if (to === undefined || to >> 63n === 0n || seen.has(to) || this.offsetOf(to) < 0) continue;
          seen.add(to);
          next.push({ va: to, size: 0x100 });
          found.push(...this.words(to, 0x100));
        }
      }
      open = next.slice(0, 200);
    }
    return found;
  }

  /** The paging entries of an address, from the root on. @param {bigint} va @returns {Place[]} */
  entries(va) {
    const { tables, memory } = this.machine.space;
    const { entrySize, steps } = tables.format;
    /** @type {Place[]} */
    const found = [];
    let table = Number(tables.root);
    for (const { shift, bits } of steps) {
      const index = Number((va >> BigInt(shift)) & ((1n << BigInt(bits)) - 1n));
      const at = table + index * entrySize;
      const offset = this.physical.offsetOf(at);
      if (offset >= 0) found.push({ offset, va });
      const entry = memory.readEntry(at, entrySize);
      if ((entry & 1n) === 0n || (entry & 0x80n) !== 0n) break;
      table = Number(entry & 0x000f_ffff_ffff_f000n);
    }
    return found;
  }
}
