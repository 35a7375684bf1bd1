import { randomBytes, randomUUID } from 'node:crypto';
import { digest } from '../facts.ts';
import type { Database } from '../store/schema.ts';

/** What a token may allow, the least first. */
export const roles = ['reader', 'uploader', 'editor', 'admin'] as const;
/** What a token allows. */
export type Role = (typeof roles)[number];
export type Permission = 'read' | 'upload' | 'arrange' | 'administer';

/** Machines that send dumps need not see those of others. */
const permissions: Readonly<Record<Role, readonly Permission[]>> = {
  reader: ['read'],
  uploader: ['upload'],
  editor: ['read', 'upload', 'arrange'],
  admin: ['read', 'upload', 'arrange', 'administer'],
};

export const may = (role: Role, permission: Permission): boolean => permissions[role].includes(permission);

export interface Person {
  readonly name: string;
  readonly role: Role;
}

/** Makes a token; it is shown once, and only its hash is kept. */
export async function createToken(
  db: Database,
  name: string,
  role: Role,
): Promise<{ id: string; token: string }> {
  const token = `psc_${randomBytes(24).toString('base64url')}`;
  const id = randomUUID().slice(0, 8);
  const created_at = new Date().toISOString();
  await db
    .insertInto('tokens')
    .values({ id, name, hash: digest(token), role, created_at, revoked_at: null })
    .execute();
  return { id, token };
}

/** Whose token it is; undefined for one that is not known or was revoked. Looked up by its hash, which tells nothing of it. */
export async function personOf(db: Database, token: string): Promise<Person | undefined> {
  const row = await db
    .selectFrom('tokens')
    .select(['name', 'role'])
    .where('hash', '=', digest(token))
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return row === undefined ? undefined : { name: row.name, role: row.role as Role };
}

export async function hasTokens(db: Database): Promise<boolean> {
  const row = await db.selectFrom('tokens').select('id').where('revoked_at', 'is', null).executeTakeFirst();
  return row !== undefined;
}

export const listTokens = (db: Database) =>
  db
    .selectFrom('tokens')
    .select(['id', 'name', 'role', 'created_at', 'revoked_at'])
    .orderBy('created_at')
    .execute();

/** False where there is no such token. */
export async function revokeToken(db: Database, id: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('tokens')
    .set({ revoked_at: new Date().toISOString() })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}
