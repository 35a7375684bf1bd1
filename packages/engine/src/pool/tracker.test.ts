import { describe, expect, it } from 'vitest';
import { PlantedKernel, type PlantedOptions } from '../../test/planted-kernel.ts';
import type { Va } from '../base/index.ts';
import { runToEnd } from '../memory/index.ts';
import { chooseTags, isPlaced, type PoolTracker, readPoolTracker, tagPattern, tagValue } from './index.ts';

const builds = [
  ['x86', 2600],
  ['x64', 3790],
  ['x86', 6002],
  ['x64', 7601],
  ['x64', 15063],
  ['x64', 16299],
  ['x86', 17763],
  ['x64', 17763],
  ['x64', 19041],
  ['x64', 22000],
] as const;

interface Row {
  readonly tag: string;
  readonly slot: number;
  readonly nonPaged?: readonly [allocations: number, frees: number, bytes: bigint | number];
  readonly paged?: readonly [allocations: number, frees: number, bytes: bigint | number];
}

const slots = 0x400;

class PlantedTracker extends PlantedKernel {
  readonly main: Va;
  readonly others: readonly Va[];
  readonly size: number;

  constructor(machine: 'x64' | 'x86', build: number, options: PlantedOptions) {
    super(machine, build, options);
    this.size = this.structures.find('_POOL_TRACKER_TABLE')!.size;
    this.main = this.#table();
    const others = (options.processors ?? 1) - 1;
    this.others = Array.from({ length: others }, () => this.#table());
    this.pointer(this.variable('PoolTrackTable'), this.main);
    this.memory.write(this.variable('PoolTrackTableSize'), slots, 4);
    const array = this.variable('ExPoolTagTables', 0x40);
    [this.main, ...this.others].forEach((at, index) =>
      this.pointer(array + BigInt(index * this.pointerSize), at),
    );
  }

  #table(): Va {
    const at = this.allocate(slots * this.size, 0x1000);
    this.allocate(0x1000, 0x1000);
    this.memory.write(at + BigInt(slots * this.size), 0x0102_0304, 4);
    return at;
  }

  add(table: Va, { tag, slot, nonPaged = [0, 0, 0], paged = [0, 0, 0] }: Row): void {
    this.set('_POOL_TRACKER_TABLE', table + BigInt(slot * this.size), {
      Key: tagValue(tag),
      NonPagedAllocs: nonPaged[0],
      NonPagedFrees: nonPaged[1],
      NonPagedBytes: nonPaged[2],
      PagedAllocs: paged[0],
      PagedFrees: paged[1],
      PagedBytes: paged[2],
    });
  }

  read(options = {}): PoolTracker | string {
    const read = runToEnd(readPoolTracker(this.kernel, options));
    return isPlaced(read) ? read.value : read;
  }
}

const known = (read: PoolTracker | string): PoolTracker => {
  expect(read).toBeTypeOf('object');
  return read as PoolTracker;
};

describe.each(builds)('the account by tag: %s %d', (machine, build) => {
  const plant = (options: PlantedOptions) => {
    const planted = new PlantedTracker(machine, build, options);
    planted.add(planted.main, { tag: 'File', slot: 3, nonPaged: [10, 4, 0x600] });
    planted.add(planted.main, { tag: 'Ntfx', slot: 900, nonPaged: [1, 1, 0], paged: [7, 2, 0x1_2340] });
    planted.add(planted.main, { tag: 'Ovfl', slot: slots - 1, nonPaged: [2, 0, 32] });
    return planted;
  };

  it('PF-14: has the tags of all entries, the last one for those that found no place', () => {
    const { tags, missing } = known(plant({ names: ['*'] }).read());
    expect(
      tags.map(({ tag, nonPaged, paged }) => [tag, nonPaged.outstanding, nonPaged.bytes, paged.bytes]),
    ).toEqual([
      ['File', 6n, 0x600n, 0n],
      ['Ntfx', 0n, 0n, 0x1_2340n],
      ['Ovfl', 2n, 32n, 0n],
    ]);
    expect(tags[1]?.paged).toEqual({ allocations: 7n, frees: 2n, outstanding: 5n, bytes: 0x1_2340n });
    expect(missing).toEqual([]);
  });

  it('PF-15: needs no symbols: the debugger data block tells of the table, its entries of its end', () => {
    const planted = plant({ told: ['PoolTrackTable'] });
    const { tags, tables, from } = known(planted.read());
    expect(tables).toEqual([{ start: planted.main, count: slots, name: 'nt!PoolTrackTable' }]);
    expect(tags).toHaveLength(3);
    expect(from).toContain('by its last entry');
  });

  it.each(['named', 'found'])(
    'PF-16: what the processors counted is summed, by tables that are %s',
    (how) => {
      const options = how === 'named' ? { names: ['*'] } : { told: ['PoolTrackTable'] };
      const planted = plant({ ...options, processors: 3 });
      const bytes = planted.pointerSize === 8 ? -0x200n : 0xffff_fe00n;
      planted.add(planted.others[0]!, { tag: 'File', slot: 3, nonPaged: [1, 5, bytes] });
      planted.add(planted.others[1]!, { tag: 'Irp ', slot: 8, nonPaged: [3, 1, 0x100] });
      const { tags, tables, missing } = known(planted.read());
      const isPerProcessor = build >= 6000 || how === 'named';
      if (!isPerProcessor) {
        expect(tables).toHaveLength(1);
        return;
      }
      expect(tables).toHaveLength(3);
      expect(missing).toEqual([]);
      expect(tags.find(({ tag }) => tag === 'File')?.nonPaged).toMatchObject({
        allocations: 11n,
        frees: 9n,
        outstanding: 2n,
        bytes: 0x400n,
      });
      expect(tags.map(({ tag }) => tag)).toContain('Irp ');
    },
  );
});

describe('what is missing of the account', () => {
  it('is said where the tables of the processors have more entries than could be looked at', () => {
    const planted = new PlantedTracker('x64', 7601, { names: ['*'], processors: 12 });
    planted.add(planted.main, { tag: 'File', slot: 3, nonPaged: [10, 4, 0x600] });
    planted.memory.write(planted.variable('PoolTrackTableSize'), 1 << 20, 4);
    const { tags, missing } = known(planted.read());
    expect(tags.map(({ tag }) => tag)).toContain('File');
    expect(missing.at(-1)).toContain('nt!ExPoolTagTables[8] and what follows it is left out');
  });

  it('is said', () => {
    const planted = new PlantedTracker('x64', 7601, { names: ['*'], processors: 2 });
    planted.add(planted.main, { tag: 'File', slot: 3, nonPaged: [10, 4, 0x600] });
    planted.memory.unmap(planted.main + 0x4000n);
    planted.memory.unmap(planted.others[0]!);
    const { tags, missing } = known(planted.read());
    expect(tags).toHaveLength(1);
    expect(missing).toEqual([
      `${slots - Math.floor(0x4000 / 0x28)} of the ${slots} entries of nt!PoolTrackTable are not in this dump`,
      'nt!ExPoolTagTables[1] is not in this dump',
    ]);
  });

  it('tables of processors that nobody names are not left out in silence', () => {
    const planted = new PlantedTracker('x64', 7601, { told: ['PoolTrackTable'], processors: 2 });
    planted.add(planted.main, { tag: 'File', slot: 3, nonPaged: [10, 4, 0x600] });
    planted.pointer(planted.variable('ExPoolTagTables') + 8n, 0n);
    expect(known(planted.read()).missing[0]).toContain('not counted in');
  });

  it('no variable, no table, no layout', () => {
    expect(new PlantedTracker('x64', 7601, {}).read()).toContain('is not known without symbols');
    const impossible = new PlantedTracker('x64', 7601, { names: ['*'] });
    impossible.memory.write(impossible.variable('PoolTrackTableSize'), 0x7fff_ffff, 4);
    expect(impossible.read()).toContain('too many');
    const planted = new PlantedTracker('x64', 7601, { told: ['PoolTrackTable'] });
    planted.pointer(planted.variable('PoolTrackTable'), 0n);
    expect(planted.read()).toBe('nt!PoolTrackTable is null');
  });

  it('the table of a session is another one', () => {
    const planted = new PlantedTracker('x64', 7601, { names: ['*'] });
    const session = planted.allocate(slots * planted.size, 0x1000);
    planted.pointer(planted.variable('ExpSessionPoolTrackTable'), session);
    planted.memory.write(planted.variable('ExpSessionPoolTrackTableSize'), slots, 4);
    planted.add(session, { tag: 'Gla1', slot: 1, paged: [1, 0, 0x80] });
    expect(known(planted.read({ session: true })).tags.map(({ tag }) => tag)).toEqual(['Gla1']);
    expect(new PlantedTracker('x64', 7601, {}).read({ session: true })).toContain('ExpSessionPoolTrackTable');
  });
});

describe('the choice of tags', () => {
  const planted = new PlantedTracker('x64', 7601, { names: ['*'] });
  const rows: readonly Row[] = [
    { tag: 'Aaaa', slot: 1, nonPaged: [1, 0, 10], paged: [1, 0, 300] },
    { tag: 'Abbb', slot: 2, nonPaged: [1, 0, 200] },
    { tag: 'aabb', slot: 3, nonPaged: [4, 4, 0] },
    { tag: 'Irp ', slot: 4, nonPaged: [2, 1, 30], paged: [0, 0, 0] },
  ];
  rows.forEach((row) => planted.add(planted.main, row));
  const { tags } = known(planted.read());
  const chosen = (choice: Parameters<typeof chooseTags>[1]) => chooseTags(tags, choice).map(({ tag }) => tag);

  it('PF-17: by tag, by bytes; tags that have nothing only where they are wanted', () => {
    expect(chosen({})).toEqual(['Aaaa', 'Abbb', 'Irp ']);
    expect(chosen({ all: true })).toEqual(['Aaaa', 'Abbb', 'Irp ', 'aabb']);
    expect(chosen({ sort: 'nonpaged' })).toEqual(['Abbb', 'Irp ', 'Aaaa']);
    expect(chosen({ sort: 'paged' })).toEqual(['Aaaa', 'Abbb', 'Irp ']);
    expect(chosen({ pattern: tagPattern('A*') })).toEqual(['Aaaa', 'Abbb']);
    expect(chosen({ pattern: tagPattern('?bbb') })).toEqual(['Abbb']);
    expect(chosen({ pattern: tagPattern('Irp') })).toEqual(['Irp ']);
  });
});
