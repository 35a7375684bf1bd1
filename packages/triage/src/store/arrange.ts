import { digest } from '../facts.ts';
import { bucketId } from './bucket-id.ts';
import { bumpMark } from './marks.ts';
import { addBucket } from './record.ts';
import type { Database, PinRow, ResultRow, Write } from './schema.ts';
import { StoreError } from './store-error.ts';
import { TallyChanges } from './tallies.ts';

/** Buckets by hand. What is arranged is kept over re-analysis: dumps are pinned, and signatures sent on. */

/** Puts all of a bucket into another, and what comes of its signatures later. Returns how many dumps moved. */
export const mergeBuckets = (db: Database, from: string, into: string, by: string): Promise<number> =>
  db.transaction().execute(async (write) => {
    await mustExist(write, from);
    await mustExist(write, into);
    if (from === into) throw new StoreError('a bucket cannot be merged into itself', 'Name two buckets.');
    const rows = await resultsOf(write, from);
    const why = `merged from ${from}`;
    const at = new Date().toISOString();
    await moveTo(write, rows, { bucket: into, by, at, why });
    const signatures = new Set(rows.flatMap(({ signature }) => signature ?? []));
    const { title } = await write
      .selectFrom('buckets')
      .select('title')
      .where('id', '=', from)
      .executeTakeFirstOrThrow();
    // A bucket of its own signature; one that was made by hand has none.
    if (bucketId(title) === from) signatures.add(title);
    await write.updateTable('merges').set({ bucket: into }).where('bucket', '=', from).execute();
    for (const signature of [...signatures].sort()) {
      if (bucketId(signature) === into) continue;
      await write
        .insertInto('merges')
        .values({ signature, bucket: into, by, at, why })
        .onConflict((conflict) => conflict.column('signature').doUpdateSet({ bucket: into, by, at, why }))
        .execute();
    }
    return rows.length;
  });

/** Puts dumps of a bucket into one of their own. Returns its id. */
export const splitBucket = (
  db: Database,
  from: string,
  dumps: readonly string[],
  { title, by }: { readonly title: string; readonly by: string },
): Promise<string> =>
  db.transaction().execute(async (write) => {
    await mustExist(write, from);
    if (dumps.length === 0) throw new StoreError('no dumps were named', 'Name the dumps by their SHA-256.');
    const rows = (await resultsOf(write, from)).filter(({ sha256 }) => dumps.includes(sha256));
    const found = new Set(rows.map(({ sha256 }) => sha256));
    const strange = dumps.filter((sha256) => !found.has(sha256));
    if (strange.length > 0) {
      throw new StoreError(`${strange[0]} is not in bucket ${from}`, 'Name dumps of this bucket.');
    }
    const id = digest(`split ${from} ${title}`).slice(0, 12);
    const at = new Date().toISOString();
    await addBucket(write, { id, title, created_at: at });
    await moveTo(write, rows, { bucket: id, by, at, why: `split from ${from}` });
    return id;
  });

/** Takes back what was arranged by hand for a bucket: its dumps go where their signatures belong. */
export const releaseBucket = (db: Database, bucket: string): Promise<number> =>
  db.transaction().execute(async (write) => {
    await mustExist(write, bucket);
    await write.deleteFrom('pins').where('bucket', '=', bucket).execute();
    await write.deleteFrom('merges').where('bucket', '=', bucket).execute();
    const rows = (await resultsOf(write, bucket)).filter(({ signature }) => bucketId(signature!) !== bucket);
    await reassign(write, rows, async ({ signature }) => {
      const created_at = new Date().toISOString();
      await addBucket(write, { id: bucketId(signature!), title: signature!, created_at });
      return { bucket: bucketId(signature!), bucket_by: null };
    });
    return rows.length;
  });

async function mustExist(write: Write, id: string): Promise<void> {
  const row = await write.selectFrom('buckets').select('id').where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new StoreError(`there is no bucket ${id}`, 'poolscope buckets lists them.');
}

const resultsOf = (write: Write, bucket: string): Promise<ResultRow[]> =>
  write
    .selectFrom('results')
    .selectAll()
    .where('current', '=', 1)
    .where('bucket', '=', bucket)
    .orderBy('sha256')
    .execute();

async function moveTo(write: Write, rows: readonly ResultRow[], pin: Omit<PinRow, 'sha256'>): Promise<void> {
  for (const { sha256 } of rows) {
    await write
      .insertInto('pins')
      .values({ sha256, ...pin })
      .onConflict((conflict) => conflict.column('sha256').doUpdateSet(pin))
      .execute();
  }
  await reassign(write, rows, async () => ({ bucket: pin.bucket, bucket_by: `${pin.why}, by ${pin.by}` }));
}

/** Gives results another bucket, and keeps the counts right. */
export async function reassign(
  write: Write,
  rows: readonly ResultRow[],
  change: (row: ResultRow) => Promise<Partial<Pick<ResultRow, 'bucket' | 'bucket_by' | 'signature'>>>,
): Promise<void> {
  const tallies = new TallyChanges();
  for (const row of rows) {
    const set = await change(row);
    tallies.add(row, -1);
    tallies.add({ ...row, ...set }, 1);
    await write
      .updateTable('results')
      .set(set)
      .where('sha256', '=', row.sha256)
      .where('analyzer', '=', row.analyzer)
      .execute();
  }
  await tallies.write(write);
  await bumpMark(write, 'arranged');
}
