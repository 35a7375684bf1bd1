import { sql } from 'kysely';
import type { Database } from './schema.ts';

/** A dump that gave no report, with the reason. */
export interface SetAside {
  readonly sha256: string;
  readonly state: 'refused' | 'failed';
  readonly code: string;
  readonly reason: string;
  readonly attempts: number;
  readonly source: string | null;
}

/** The dumps without a report, the last ones first, and how many there are in all. */
export async function listSetAside(db: Database, limit = 100): Promise<{ total: number; dumps: SetAside[] }> {
  const total = await setAsideCount(db);
  const rows = await db
    .selectFrom('results as r')
    .select(['r.sha256', 'r.state', 'r.reason_code', 'r.reason', 'r.attempts'])
    .select((eb) =>
      eb
        .selectFrom('sources as s')
        .select('s.name')
        .whereRef('s.sha256', '=', 'r.sha256')
        .orderBy('s.name')
        .limit(1)
        .as('source'),
    )
    .where('r.current', '=', 1)
    .where('r.state', 'in', ['refused', 'failed'])
    .orderBy('r.finished_at', 'desc')
    .orderBy('r.sha256')
    .limit(limit)
    .execute();
  const dumps = rows.map(({ sha256, state, reason_code: code, reason, attempts, source }) => ({
    sha256,
    state: state as 'refused' | 'failed',
    code: code ?? '',
    reason: reason ?? '',
    attempts,
    source,
  }));
  return { total, dumps };
}

export async function setAsideCount(db: Database): Promise<number> {
  const { total } = await db
    .selectFrom('results')
    .select(sql<number>`count(*)`.as('total'))
    .where('current', '=', 1)
    .where('state', 'in', ['refused', 'failed'])
    .executeTakeFirstOrThrow();
  return total;
}
