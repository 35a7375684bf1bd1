import { afterAll, beforeAll, expect, it } from 'vitest';
import { record, shaOf, temporaryStore } from '../../test/made-up-results.ts';
import { splitBucket } from './arrange.ts';
import { bucketId } from './bucket-id.ts';
import { listBuckets } from './buckets.ts';
import { type Move, replaySignatures, type SignatureChange, summarizeMoves } from './replay.ts';
import { countAnew } from './tallies.ts';

let store: Awaited<ReturnType<typeof temporaryStore>>;
const signature = 'BAD_POOL_HEADER|20|logger!Write';

beforeAll(async () => {
  store = await temporaryStore();
  await record(
    store,
    { id: 1, signature, frames: ['nt!KeBugCheckEx', 'logger!Write', 'guilty!Send'] },
    { id: 2, signature, frames: ['nt!KeBugCheckEx', 'logger!Write', 'other!Read'] },
    { id: 3, signature, frames: ['nt!KeBugCheckEx', 'logger!Write', 'other!Read'] },
  );
});
afterAll(() => store.remove());

async function moves(change: SignatureChange, apply = false): Promise<Move[]> {
  const found: Move[] = [];
  for await (const move of replaySignatures(store.db, change, { apply })) found.push(move);
  return found;
}

it('moves nothing by the rules that made the signatures', async () => {
  expect(await moves({})).toEqual([]);
});

it('shows what rules would move, and moves nothing', async () => {
  const summary = summarizeMoves(await moves({ passOver: ['LOGGER!*'] }));
  expect(summary.map(({ count, before, after }) => [count, before, after])).toEqual([
    [2, signature, 'BAD_POOL_HEADER|20|other!Read'],
    [1, signature, 'BAD_POOL_HEADER|20|guilty!Send'],
  ]);
  expect(summarizeMoves(await moves({ without: ['subcode'] }))).toMatchObject([
    { count: 3, after: 'BAD_POOL_HEADER|logger!Write', from: bucketId(signature) },
  ]);
  expect((await listBuckets(store.db)).total).toBe(1);
});

it('moves when asked, but not what was put somewhere by hand', async () => {
  const hand = await splitBucket(store.db, bucketId(signature), [shaOf(3)], { title: 'by hand', by: 'me' });
  await moves({ passOver: ['logger'] }, true);
  const { buckets } = await listBuckets(store.db);
  expect(buckets.map(({ title, count }) => `${title} ${count}`).sort()).toEqual([
    'BAD_POOL_HEADER|20|guilty!Send 1',
    'BAD_POOL_HEADER|20|other!Read 1',
    'by hand 1',
  ]);
  const row = await store.db
    .selectFrom('results')
    .select(['bucket', 'signature'])
    .where('sha256', '=', shaOf(3))
    .executeTakeFirst();
  expect(row).toEqual({ bucket: hand, signature: 'BAD_POOL_HEADER|20|other!Read' });
  const tallies = await store.db.selectFrom('tallies').selectAll().execute();
  const key = (each: object) => JSON.stringify(each);
  expect(tallies.map(key).sort()).toEqual((await countAnew(store.db)).map(key).sort());
});
