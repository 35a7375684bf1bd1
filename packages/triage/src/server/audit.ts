import { randomUUID } from 'node:crypto';
import type { Database } from '../store/schema.ts';

export interface AuditEntry {
  readonly who: string;
  /** Method and route. */
  readonly action: string;
  readonly subject: string;
  readonly status: number;
}

/** What changed something, and who was turned away. */
export async function writeAudit(db: Database, { who, action, subject, status }: AuditEntry): Promise<void> {
  const at = new Date().toISOString();
  await db
    .insertInto('audit')
    .values({ id: randomUUID(), at, who, action, subject: subject.slice(0, 500), status })
    .execute();
}

/** Refusals that are written in a minute: strangers must not fill the disk. */
const mostRefusals = 300;
let [minute, refusals] = [0, 0];

/** May one more refusal be written in this minute? */
export function mayNoteRefusal(now = Date.now()): boolean {
  const at = Math.floor(now / 60_000);
  if (at !== minute) [minute, refusals] = [at, 0];
  return refusals++ < mostRefusals;
}

/** The last entries first. */
export const readAudit = (db: Database, limit: number, offset: number) =>
  db
    .selectFrom('audit')
    .select(['at', 'who', 'action', 'subject', 'status'])
    .orderBy('at', 'desc')
    .orderBy('id')
    .limit(limit)
    .offset(offset)
    .execute();
