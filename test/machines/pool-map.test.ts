import { BufferSource, CensusPart, openSession, runToEnd, type Session } from '@poolscope/engine';
import {
  dumpBytes,
  type Machine,
  type PoolTruth,
  playScenario,
  RunningMachine,
  scenarios,
} from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';
import { findAddress, selectedAddress } from '../../apps/web/src/pool-map/model/places.ts';
import { PoolMapData } from '../../apps/web/src/pool-map/model/pool-map-data.ts';
import { readBlockDetail } from '../../apps/web/src/worker/block-detail.ts';
import { buffersOf, walkPoolMap } from '../../apps/web/src/worker/pool-map-data.ts';
import { machineWithPool } from './planted-pool.ts';

const open = (machine: Machine): Promise<Session> =>
  openSession(new BufferSource(dumpBytes(machine, { type: 'full' })));

/** The map as the page builds it, and how often the worker gave a piece away. */
function mapOf(session: Session) {
  const data = new PoolMapData();
  let pieces = 0;
  const run = walkPoolMap(session);
  for (let step = run.next(); ; step = run.next()) {
    for (const piece of step.value.pieces) {
      pieces++;
      expect(new Set(buffersOf(piece)).size).toBe(10);
      // As a message does, with the buffers handed over.
      data.append(structuredClone(piece, { transfer: buffersOf(piece) }));
      expect(piece.pages.number).toHaveLength(0);
    }
    if (step.done !== true) continue;
    data.finish(step.value);
    return { data, pieces, end: step.value };
  }
}

const stateOf = {
  allocated: CensusPart.allocated,
  free: CensusPart.free,
  lookaside: CensusPart.lookaside,
  deferred: CensusPart.deferred,
} as const;

/** Every block that begins on the map, on the pages of the truth's blocks. */
function blocksOf(data: PoolMapData, { blocks }: Pick<PoolTruth, 'blocks'>): string[] {
  const pages = new Set(blocks.map(({ header }) => header >> 12n));
  const headers = new Set(blocks.map(({ header }) => header));
  const found: string[] = [];
  for (let page = 0; page < data.counts.pages; page++) {
    if (!pages.has(data.addressOf(page) >> 12n)) continue;
    for (let part = data.firstPart(page); part < data.endPart(page); part++) {
      const address = data.addressOf(page) + BigInt(data.offsetOf(part));
      if (data.hasFlag(part, 'continued') || (data.partOf(part) > CensusPart.aside && !headers.has(address)))
        continue;
      found.push(`${address.toString(16)} ${data.sizeOf(part)} ${data.partOf(part)}`);
    }
  }
  return found.sort();
}

const expected = ({ blocks }: Pick<PoolTruth, 'blocks'>): string[] =>
  blocks.map(({ header, size, state }) => `${header.toString(16)} ${size} ${stateOf[state]}`).sort();

describe('the map of a machine with classic pool', () => {
  const { machine, truth } = machineWithPool({ build: 9200 }, 900);
  let session: Session;
  let map: ReturnType<typeof mapOf>;
  beforeAll(async () => {
    session = await open(machine);
    map = mapOf(session);
  });

  it('comes in several pieces, the first ones soon', () => {
    expect(map.pieces).toBeGreaterThan(1);
  });

  it('has every block, and no other', () => {
    expect(truth.blocks.length).toBeGreaterThan(400);
    expect(blocksOf(map.data, truth)).toEqual(expected(truth));
  });

  it('is in order by address in every pool, and each block is found by its own', () => {
    for (const { rows, count } of map.data.groups)
      for (let row = 1; row < count; row++)
        expect(map.data.numberOf(rows[row]!)).toBeGreaterThan(map.data.numberOf(rows[row - 1]!));
    for (const { header } of truth.blocks) {
      const found = findAddress(map.data, header + 8n);
      expect(found === undefined ? undefined : selectedAddress(map.data, found)).toBe(header);
    }
  });

  it('tells tags and their owners once', () => {
    const texts = map.data.tags.map(({ text }) => text);
    expect(new Set(texts).size).toBe(texts.length);
    expect(map.data.tags.find(({ text }) => text === 'Irp ')?.owner).toContain('I/O');
  });

  it('has for each block what the panel shows: its header, as the pool made it', () => {
    const block = truth.blocks.find(({ state, size }) => state === 'allocated' && size > 0x40);
    const detail = runToEnd(readBlockDetail(session, block!.address));
    expect(detail).toMatchObject({ address: block!.header, size: block!.size, state: 'in use', damage: [] });
    const field = (name: string) => detail.fields.find((each) => each.name === name)?.value;
    expect(Number(field('BlockSize'))).toBe(block!.size / 16);
    expect(detail.commands[0]).toBe(`!pool ${block!.address.toString(16)}`);
  });

  it('ends where it is full, and says so', () => {
    const run = walkPoolMap(session, { pages: 20, parts: 1 << 20 });
    for (let step = run.next(); ; step = run.next())
      if (step.done === true) {
        expect(step.value.order).toHaveLength(20);
        expect(step.value.cut).toContain('full');
        return;
      }
  });
});

it('the map of a machine with segment heaps has every block of them', async () => {
  const running = new RunningMachine({ build: 19_041, memoryPages: 0x4000 });
  running.populate(19_041);
  expect(() => running.systemThread('nt!KeBugCheckEx', 0xe2n)).toThrow('stopped with a bug check');
  const truth = running.pool.truth();
  const session = await open(running.finish());
  const { data, end } = mapOf(session);
  expect(end).toMatchObject({ notes: [], cut: undefined });
  const told = blocksOf(data, truth);
  const bare = new Set(truth.bigAllocations.map(({ address }) => address.toString(16)));
  // Allocations of whole pages have no header: they are in the other list of the truth.
  expect(told.filter((line) => !bare.has(line.slice(0, line.indexOf(' '))))).toEqual(expected(truth));
  for (const { address } of truth.bigAllocations) expect(findAddress(data, address)).toBeDefined();
  const block = truth.blocks.find(({ allocator, state }) => allocator === 'vs' && state === 'allocated');
  const detail = runToEnd(readBlockDetail(session, block!.address));
  expect(detail).toMatchObject({ address: block!.header, state: 'in use' });
  expect(detail.fields.map(({ name }) => name)).toContain('chunk size');
});

describe('what the panel says of the article', () => {
  const sessions = new Map<string, Promise<Session>>();
  function play(name: string): Promise<Session> {
    const session = sessions.get(name) ?? open(playScenario(scenarios.find((each) => each.name === name)!));
    sessions.set(name, session);
    return session;
  }

  it('of the header that was written over', async () => {
    const session = await play('article-1');
    const { data } = mapOf(session);
    expect(data.counts.damagedPages).toBe(1);
    const detail = runToEnd(readBlockDetail(session, 0xfffffa8001a1b810n));
    expect(detail.damage).toHaveLength(1);
    expect(detail.fields.find(({ name }) => name === 'PoolTag')).toMatchObject({
      value: 'OOOO',
      isWrong: true,
    });
    expect(detail.commands).toContain('!poolval fffffa8001a1b810');
  });

  it('of the guard page that was touched', async () => {
    const session = await play('article-2');
    const guard = runToEnd(readBlockDetail(session, 0xfffff9800b5ff000n));
    expect(guard.state).toContain('guard');
    expect(guard.facts.join(' ')).toContain('fffff9800b5fe800');
    const block = runToEnd(readBlockDetail(session, 0xfffff9800b5fe800n));
    expect(block).toMatchObject({ tag: 'Wrap', size: 0x800, damage: [] });
  });

  it('of what is no pool', async () => {
    const session = await play('article-2');
    const nt = session.system.modules.find(({ name }) => name === 'nt')!;
    expect(runToEnd(readBlockDetail(session, nt.base)).region).toBe('in the image of nt');
  });
});

it('the map of a dump without pool is empty, and says why', async () => {
  const machine = playScenario(scenarios.find(({ name }) => name === 'article-1')!);
  const session = await openSession(new BufferSource(dumpBytes(machine, { type: 'header' })));
  const { data, end } = mapOf(session);
  expect(data.counts).toEqual({ pages: 0, parts: 0, damagedPages: 0 });
  expect(data.groups).toEqual([]);
  expect(end.notes.length).toBeGreaterThan(0);
});
