import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { record, temporaryStore } from '../../test/made-up-results.ts';
import { mergeBuckets } from '../store/arrange.ts';
import { bucketId } from '../store/bucket-id.ts';
import { putInventory } from '../store/inventory.ts';
import { replaySignatures } from '../store/replay.ts';
import { FleetView } from './fleet-view.ts';

const script = fileURLToPath(new URL('../../test/suspects-process.mjs', import.meta.url));

let store: Awaited<ReturnType<typeof temporaryStore>>;
let fleet: FleetView;
beforeEach(async () => {
  store = await temporaryStore();
});
afterEach(async () => {
  fleet.close();
  await store.remove();
});

const numbers = async (): Promise<number[]> => {
  const { crashes, machines, others } = await fleet.all();
  return [crashes, machines, others];
};

describe('suspects of a store', () => {
  it('follow what comes in, what is analyzed anew and what is arranged by hand', async () => {
    fleet = new FleetView(store.db);
    expect(await numbers()).toEqual([0, 0, 0]);
    await record(store, { id: 1, signature: 'a' }, { id: 2, signature: 'a' }, { id: 3, signature: 'b' });
    expect(await numbers()).toEqual([3, 3, 0]);
    expect((await fleet.bucket(bucketId('a'))).crashes).toBe(2);
    await record(store, { id: 3, signature: 'a', analyzer: 'v2' });
    expect((await fleet.bucket(bucketId('a'))).crashes).toBe(3);
    await record(store, { id: 4, signature: 'c' });
    await mergeBuckets(store.db, bucketId('c'), bucketId('a'), 'me');
    expect((await fleet.bucket(bucketId('a'))).crashes).toBe(4);
    expect(await numbers()).toEqual([4, 4, 0]);
  });

  it('follow a replay of the rules, after which only the signatures are others', async () => {
    fleet = new FleetView(store.db);
    await record(store, { id: 1, signature: 'made by older rules' });
    expect((await fleet.bucket(bucketId('made by older rules'))).crashes).toBe(1);
    const moves = [];
    for await (const move of replaySignatures(store.db, {}, { apply: true })) moves.push(move);
    expect((await fleet.bucket(moves[0]!.to)).crashes).toBe(1);
    expect((await fleet.bucket(bucketId('made by older rules'))).crashes).toBe(0);
  });

  it('compare with the machines of an inventory', async () => {
    fleet = new FleetView(store.db);
    await record(store, { id: 1, signature: 'a', machine: 'pc1' }, { id: 2, signature: 'a', machine: 'pc2' });
    const healthy = Array.from({ length: 30 }, (_, index) => ({
      machine: `pc${index + 10}`,
      drivers: [{ module: index === 0 ? 'bad.sys' : 'other.sys', version: null }],
    }));
    await putInventory(store.db, healthy);
    expect(await numbers()).toEqual([2, 2, 30]);
    const { presence } = (await fleet.all()).suspects[0]!;
    expect(presence).toMatchObject({ casesWith: 2, cases: 2, othersWith: 1, others: 30 });
    await putInventory(store.db, healthy.slice(0, 3));
    expect(await numbers()).toEqual([2, 2, 3]);
  });

  it('are the same from a process of their own, also when that was killed', async () => {
    await record(store, { id: 1, signature: 'a' }, { id: 2, signature: 'a' });
    fleet = new FleetView(store.db);
    const here = await fleet.all();
    fleet = new FleetView(store.db, { command: { script, args: ['once'] } });
    expect(await fleet.all()).toEqual(here);
    // This process ends when it is asked for a bucket of this name.
    await expect(fleet.bucket('end')).rejects.toThrow('ended');
    expect(await fleet.all()).toEqual(here);
  });
});
