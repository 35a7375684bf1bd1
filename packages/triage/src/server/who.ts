import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import type { Database } from '../store/schema.ts';
import { hasTokens, type Person, personOf } from './tokens.ts';

export const cookieName = 'poolscope';

/**
 * Who asks: by a token in the header or in the page's cookie. Without any token in the store everybody may do all; such a
 * server listens on this machine only.
 */
export async function whoAsks(db: Database, context: Context): Promise<Person | undefined> {
  const header = /^Bearer (\S{1,200})$/.exec(context.req.header('authorization') ?? '')?.[1];
  const token = header ?? getCookie(context, cookieName);
  if (token !== undefined) {
    const person = await personOf(db, token);
    if (person !== undefined) return person;
  }
  return (await hasTokens(db)) ? undefined : { name: 'local', role: 'admin' };
}

/**
 * Did a page of another site make the browser ask? Browsers say which site a request comes from; other programs say nothing.
 */
export function isForeign(context: Context): boolean {
  const origin = context.req.header('origin');
  if (origin === undefined) return context.req.header('sec-fetch-site') === 'cross-site';
  return origin !== new URL(context.req.url).origin;
}

/** Names that lead to this machine only: another one means that a name server was made to lie. */
export function isLoopbackName(host: string | undefined): boolean {
  const name = (host ?? '').replace(/:\d+$/, '').toLowerCase();
  return name === 'localhost' || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name);
}
