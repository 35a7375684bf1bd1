import { randomUUID } from 'node:crypto';
import type { Database, Write } from './schema.ts';

/** What has changed in a way that no column of the rows themselves tells. */
export type MarkName = 'arranged';

/** Another value than all before. */
export async function bumpMark(write: Write, name: MarkName): Promise<void> {
  const value = randomUUID();
  await write
    .insertInto('marks')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}

/** Empty where nothing has changed yet. */
export async function markOf(db: Database, name: MarkName): Promise<string> {
  const row = await db.selectFrom('marks').select('value').where('name', '=', name).executeTakeFirst();
  return row?.value ?? '';
}
