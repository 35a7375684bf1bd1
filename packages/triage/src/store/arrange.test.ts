import { afterEach, beforeEach, expect, it } from 'vitest';
import { record, shaOf, temporaryStore } from '../../test/made-up-results.ts';
import { mergeBuckets, releaseBucket, splitBucket } from './arrange.ts';
import { bucketId } from './bucket-id.ts';
import { listBuckets } from './buckets.ts';
import { countAnew } from './tallies.ts';

let store: Awaited<ReturnType<typeof temporaryStore>>;
beforeEach(async () => {
  store = await temporaryStore();
  await record(store, { id: 1, signature: 'a' }, { id: 2, signature: 'a' }, { id: 3, signature: 'b' });
});
afterEach(() => store.remove());

/** Titles and counts, after checking that the counts kept up are those counted anew. */
async function buckets(): Promise<string[]> {
  const { buckets: list } = await listBuckets(store.db);
  const tallies = await store.db.selectFrom('tallies').selectAll().execute();
  const key = (row: object) => JSON.stringify(row);
  expect(tallies.map(key).sort()).toEqual((await countAnew(store.db)).map(key).sort());
  return list.map(({ title, count }) => `${title} ${count}`).sort();
}

it('merges, and sends what comes later after it', async () => {
  expect(await mergeBuckets(store.db, bucketId('b'), bucketId('a'), 'alice')).toBe(1);
  await record(store, { id: 4, signature: 'b' });
  expect(await buckets()).toEqual(['a 4']);
  const row = await store.db
    .selectFrom('results')
    .select('bucket_by')
    .where('sha256', '=', shaOf(4))
    .executeTakeFirst();
  expect(row?.bucket_by).toBe(`merged from ${bucketId('b')}, by alice`);
});

it('keeps a merge when other rules give the dump another signature', async () => {
  await mergeBuckets(store.db, bucketId('b'), bucketId('a'), 'alice');
  await record(store, { id: 3, signature: 'b under new rules', analyzer: 'v2' });
  expect(await buckets()).toEqual(['a 3']);
});

it('follows merges of merged buckets', async () => {
  await record(store, { id: 5, signature: 'c' });
  await mergeBuckets(store.db, bucketId('b'), bucketId('a'), 'alice');
  await mergeBuckets(store.db, bucketId('a'), bucketId('c'), 'bob');
  await record(store, { id: 6, signature: 'b' }, { id: 7, signature: 'a' });
  expect(await buckets()).toEqual(['c 6']);
  expect(await releaseBucket(store.db, bucketId('c'))).toBe(5);
  expect(await buckets()).toEqual(['a 3', 'b 2', 'c 1']);
});

it('merges back and forth', async () => {
  await mergeBuckets(store.db, bucketId('b'), bucketId('a'), 'alice');
  await mergeBuckets(store.db, bucketId('a'), bucketId('b'), 'alice');
  await record(store, { id: 8, signature: 'a' }, { id: 9, signature: 'b' });
  expect(await buckets()).toEqual(['b 5']);
});

it('splits dumps off, and keeps them there over re-analysis', async () => {
  const id = await splitBucket(store.db, bucketId('a'), [shaOf(2)], { title: 'only on laptops', by: 'bob' });
  expect(await buckets()).toEqual(['a 1', 'b 1', 'only on laptops 1']);
  await record(store, { id: 2, signature: 'a', again: true }, { id: 1, signature: 'a', analyzer: 'v2' });
  expect(await buckets()).toEqual(['a 1', 'b 1', 'only on laptops 1']);
  expect(await releaseBucket(store.db, id)).toBe(1);
  expect(await buckets()).toEqual(['a 2', 'b 1']);
});

it('refuses what is not there', async () => {
  await expect(mergeBuckets(store.db, 'ffffffffffff', bucketId('a'), 'x')).rejects.toThrow(
    'there is no bucket',
  );
  await expect(mergeBuckets(store.db, bucketId('a'), bucketId('a'), 'x')).rejects.toThrow('into itself');
  const strange = splitBucket(store.db, bucketId('a'), [shaOf(3)], { title: 't', by: 'x' });
  await expect(strange).rejects.toThrow('is not in bucket');
  expect(await buckets()).toEqual(['a 2', 'b 1']);
});
