import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import type { ServerParts } from './route.ts';
import { hasTokens, type Person, personOf } from './tokens.ts';

export const cookieName = 'poolscope';

/**
 * Who asks: by a token in the header or in the page's cookie. Without any token in the store everybody may do all, where the
 * server listens on this machine only: the last token may be revoked while others can reach it.
 */
export async function whoAsks(
  { db, isLocal }: Pick<ServerParts, 'db' | 'isLocal'>,
  context: Context,
): Promise<Person | undefined> {
  const header = /^Bearer (\S{1,200})$/.exec(context.req.header('authorization') ?? '')?.[1];
  const token = header ?? getCookie(context, cookieName);
  if (token !== undefined) {
    const person = await personOf(db, token);
    if (person !== undefined) return person;
  }
  return !isLocal || (await hasTokens(db)) ? undefined : { name: 'local', role: 'admin' };
}

/**
 * Did a page of another site make the browser ask? Browsers say which site a request comes from; other programs say nothing.
 * Only names and ports are compared, because a proxy with TLS in front changes the scheme.
 */
export function isForeign(context: Context): boolean {
  const site = context.req.header('sec-fetch-site');
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const origin = context.req.header('origin');
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== new URL(context.req.url).host;
}

/** Names that lead to this machine only: another one means that a name server was made to lie. */
export function isLoopbackName(host: string | undefined): boolean {
  const name = (host ?? '').replace(/:\d+$/, '').toLowerCase();
  return name === 'localhost' || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name);
}
