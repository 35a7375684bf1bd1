import type { PoolTruth, TrueBlock } from '../src/pool/index.ts';
import type { PoolMachine } from './pool-machine.ts';

/** Reads a pool out of memory as its documentation tells it, without the allocator's code, and complains. */
export function poolComplaints(machine: PoolMachine): string[] {
  const truth = machine.pool.truth();
  const reader = new Reader(machine);
  return [
    ...pageComplaints(reader, truth),
    ...listComplaints(reader, truth),
    ...parkedComplaints(reader, truth),
    ...counterComplaints(reader, truth),
    ...tagComplaints(truth, reader.unit),
  ];
}

/** Memory, and members by the structure tables. */
class Reader {
  readonly unit: number;
  readonly pointer: 4 | 8;
  readonly #machine: PoolMachine;

  constructor(machine: PoolMachine) {
    this.#machine = machine;
    this.pointer = machine.pool.generation.pointerSize;
    this.unit = machine.pool.generation.unit;
  }

  get machine(): PoolMachine {
    return this.#machine;
  }

  uint(va: bigint, size: number): number {
    return [...this.#machine.space.read(va, size)].reduceRight((sum, byte) => sum * 256 + byte, 0);
  }

  address(va: bigint): bigint {
    const view = new DataView(this.#machine.space.read(va, this.pointer).buffer);
    return this.pointer === 8
      ? view.getBigUint64(0, true)
      : BigInt.asUintN(64, BigInt(view.getInt32(0, true)));
  }

  offset(structure: string, member: string): bigint {
    return BigInt(this.#machine.tables.offset(structure, member)!);
  }

  header(va: bigint): { previous: number; index: number; size: number; type: number; tag: number } {
    const tag = this.uint(va + 4n, 4);
    const [low, high] = [this.uint(va, 2), this.uint(va + 2n, 2)];
    return this.unit === 16
      ? { previous: low & 0xff, index: low >> 8, size: high & 0xff, type: high >> 8, tag }
      : { previous: low & 0x1ff, index: low >> 9, size: high & 0x1ff, type: high >> 9, tag };
  }
}

const hex = (value: bigint | number): string => value.toString(16);
const pageOf = (va: bigint): bigint => va & ~0xfffn;

/** Type bits by state: paged 1, in use 2, freed 4, charged 8, session 0x20. */
function wantedType({ kind, state, process }: TrueBlock): number {
  const paged = (kind === 'paged' ? 1 : 0) | (kind === 'session' ? 0x21 : 0);
  if (state === 'free') return 0;
  if (state !== 'allocated') return paged | 4;
  return paged | 2 | (process === undefined ? 0 : 8);
}

function pageComplaints(reader: Reader, { blocks }: PoolTruth): string[] {
  const complaints: string[] = [];
  let page = 0n;
  let previous = 0;
  let next = 0n;
  let index = -1;
  for (const block of blocks) {
    const found = reader.header(block.header);
    const complain = (what: string): void => void complaints.push(`${hex(block.header)}: ${what}`);
    if (pageOf(block.header) !== page) {
      if (page !== 0n && next !== page + 0x1000n) complain(`the page before ends at ${hex(next)}`);
      page = pageOf(block.header);
      previous = 0;
      index = found.index;
      if (block.header !== page && block.tag !== 0x67617246) complain('the page does not begin with it');
    } else if (block.header !== next) complain(`expected at ${hex(next)}`);
    if (found.previous !== previous) complain(`previous ${hex(found.previous)}, not ${hex(previous)}`);
    if (found.size * reader.unit !== block.size) complain(`size ${hex(found.size)}`);
    if (found.type !== wantedType(block)) complain(`type ${hex(found.type)}, not ${hex(wantedType(block))}`);
    if (found.index !== index) complain(`index ${found.index}, not ${index}`);
    if (block.tag !== undefined && found.tag !== block.tag) complain(`tag ${hex(found.tag)}`);
    if (!reader.machine.pool.generation.encodesProcess || block.state !== 'allocated') void 0;
    else complaints.push(...billingComplaints(reader, block));
    previous = found.size;
    next = block.header + BigInt(block.size);
  }
  return complaints;
}

/** Windows 8 and later: the process, or 0, exclusive-or'ed with the cookie and the header's address. */
function billingComplaints(reader: Reader, { header, tag, process }: TrueBlock): string[] {
  if (tag === 0x67617246) return [];
  const cookie = reader.address(reader.machine.symbols.get('nt!ExpPoolQuotaCookie')!);
  const decoded = reader.address(header + 8n) ^ cookie ^ header;
  return decoded === (process ?? 0n) ? [] : [`${hex(header)}: billed to ${hex(decoded)}`];
}

/** Every free block of two units or more is on the list of its size, and nothing else is on a list. */
function listComplaints(reader: Reader, { blocks, descriptors }: PoolTruth): string[] {
  const complaints: string[] = [];
  const wanted = new Map(
    blocks
      .filter(({ state, size }) => state === 'free' && size > reader.unit)
      .map((block) => [block.address, block]),
  );
  const heads = reader.offset('_POOL_DESCRIPTOR', 'ListHeads');
  for (const descriptor of descriptors)
    for (let units = 1; units <= 0x1000 / reader.unit; units++) {
      const head = descriptor.address + heads + BigInt((units - 1) * 2 * reader.pointer);
      let before = head;
      for (let entry = reader.address(head); entry !== head; entry = reader.address(entry)) {
        const block = wanted.get(entry);
        if (block === undefined) {
          complaints.push(`${hex(entry)} is on list ${hex(units - 1)} and should not`);
          break;
        }
        wanted.delete(entry);
        if (block.size !== units * reader.unit || block.kind !== descriptor.kind)
          complaints.push(`${hex(entry)} is on the wrong list, ${hex(units - 1)}`);
        if (reader.header(block.header).index !== descriptor.index)
          complaints.push(`${hex(entry)} is on a list of pool ${descriptor.index}`);
        if (reader.address(entry + BigInt(reader.pointer)) !== before)
          complaints.push(`${hex(entry)} does not lead back`);
        before = entry;
      }
      if (reader.address(head + BigInt(reader.pointer)) !== before)
        complaints.push(`head ${hex(head)} does not lead back`);
    }
  return [...complaints, ...[...wanted.keys()].map((each) => `${hex(each)} is on no list`)];
}

/** Blocks of lookasides and those that wait, along their single links. */
function parkedComplaints(reader: Reader, { blocks, descriptors, lookasides }: PoolTruth): string[] {
  const chain = (first: bigint, count: number): bigint[] => {
    const bodies: bigint[] = [];
    for (let body = first; body !== 0n && bodies.length <= count; body = reader.address(body))
      bodies.push(body);
    return bodies;
  };
  const found = new Map<bigint, string>();
  const complaints: string[] = [];
  const enter = (bodies: bigint[], count: number, state: string): void => {
    if (bodies.length !== count) complaints.push(`${state}: ${bodies.length} blocks, not ${count}`);
    for (const body of bodies) {
      if (found.has(body)) complaints.push(`${hex(body)} is parked twice`);
      found.set(body, state);
    }
  };
  for (const { address } of lookasides) {
    const wide = reader.pointer === 8;
    const first = wide ? reader.address(address + 8n) & ~0xfn : reader.address(address);
    const depth = reader.uint(wide ? address : address + 4n, 2);
    enter(chain(first, depth), depth, 'lookaside');
  }
  for (const { address } of descriptors) {
    const depth = reader.uint(address + reader.offset('_POOL_DESCRIPTOR', 'PendingFreeDepth'), 4);
    const first = reader.address(address + reader.offset('_POOL_DESCRIPTOR', 'PendingFrees'));
    enter(chain(first, depth), depth, 'deferred');
  }
  const wanted = blocks.filter(({ state }) => state === 'lookaside' || state === 'deferred');
  for (const { address, state } of wanted)
    if (found.get(address) !== state) complaints.push(`${hex(address)} is not ${state}`);
  if (wanted.length !== found.size) complaints.push(`${found.size} parked, not ${wanted.length}`);
  return complaints;
}

function counterComplaints(reader: Reader, { blocks, descriptors, bigAllocations }: PoolTruth): string[] {
  const complaints: string[] = [];
  for (const { kind, index, address, ...counters } of descriptors) {
    const own = blocks.filter(
      (block) => block.kind === kind && (kind !== 'paged' || reader.header(block.header).index === index),
    );
    const used = own.filter(({ state, tag }) => state !== 'free' && tag !== 0x67617246);
    const big = bigAllocations.filter((each) => each.kind === kind && (kind !== 'paged' || index === 0));
    const bigPages = big.reduce((sum, { bytes }) => sum + Math.ceil(bytes / 0x1000), 0);
    const pages = new Set(own.filter(({ header }) => pageOf(header) === header).map(({ header }) => header));
    const wanted = {
      bytes: used.reduce((sum, { size }) => sum + size, 0) + bigPages * 0x1000,
      pages: pages.size,
      bigPages,
      live: used.length + big.length,
    };
    const { bytes, allocs, frees } = counters;
    const found = { bytes, pages: counters.pages, bigPages: counters.bigPages, live: allocs - frees };
    if (JSON.stringify(found) !== JSON.stringify(wanted))
      complaints.push(`pool ${kind} ${index}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
    void address;
  }
  return complaints;
}

function tagComplaints({ blocks, bigAllocations, tags }: PoolTruth, _unit: number): string[] {
  const bytes = new Map<string, number>();
  const add = (tag: number, isPaged: boolean, size: number): void => {
    const key = `${hex(tag & 0x7fffffff)} ${isPaged}`;
    bytes.set(key, (bytes.get(key) ?? 0) + size);
  };
  for (const { tag, state, kind, size } of blocks)
    if (state === 'allocated' && tag !== 0x67617246) add(tag!, kind === 'paged' || kind === 'session', size);
  for (const { tag, kind, bytes: size } of bigAllocations)
    add(tag, kind === 'paged' || kind === 'session', Math.ceil(size / 0x1000) * 0x1000);
  const complaints: string[] = [];
  for (const { tag, nonPaged, paged } of tags)
    for (const [isPaged, counts] of [
      [false, nonPaged],
      [true, paged],
    ] as const) {
      const wanted = bytes.get(`${hex(tag)} ${isPaged}`) ?? 0;
      bytes.delete(`${hex(tag)} ${isPaged}`);
      if (counts.bytes !== wanted) complaints.push(`tag ${hex(tag)}: ${counts.bytes} bytes, not ${wanted}`);
    }
  return [...complaints, ...[...bytes.keys()].map((key) => `tag ${key} is not in the tracker`)];
}
