import { html, type Piece, reportHtml } from '@poolscope/engine';
import type { Context, Hono } from 'hono';
import { setCookie } from 'hono/cookie';
import { readBucket } from '../store/bucket-page.ts';
import { listBuckets } from '../store/buckets.ts';
import { readDump, searchDumps } from '../store/search.ts';
import { listSetAside } from '../store/set-aside.ts';
import { mayNoteRefusal, writeAudit } from './audit.ts';
import { bucketsView, bucketView, dumpsTable } from './bucket-view.ts';
import { page, pagePolicy, tableOf } from './page-parts.ts';
import type { ServerParts } from './route.ts';
import { bucketIdShape, pageQuery, sha256Shape } from './shapes.ts';
import { may, type Person, personOf } from './tokens.ts';
import { cookieName, isForeign, whoAsks } from './who.ts';

type View = (
  parts: ServerParts,
  context: Context,
) => Promise<{ title: string; content: Piece } | string | undefined>;

/** The pages: rendered here, without scripts. */
export function addPages(app: Hono, parts: ServerParts): void {
  for (const [path, view] of Object.entries(views)) {
    app.get(path, async (context) => {
      const person = await whoAsks(parts, context);
      if (person === undefined || !may(person.role, 'read')) return refuse(parts, context, person);
      const found = await view(parts, context);
      if (found === undefined)
        return send(context, 'Not here', html`<h1>There is nothing of that name.</h1>`, 404);
      if (typeof found !== 'string') return send(context, found.title, found.content);
      // The report has bars whose length stands in their style.
      context.header(
        'content-security-policy',
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      );
      return context.html(found);
    });
  }
  app.post('/login', (context) => login(parts, context));
}

/** Milliseconds: a page without suspects is better than none. */
const patience = 3000;

const views: Readonly<Record<string, View>> = {
  '/': async ({ db }, context) => {
    const query = pageQuery.safeParse(context.req.query());
    const { limit, offset } = query.success ? query.data : { limit: 100, offset: 0 };
    const list = await listBuckets(db, { limit, offset });
    return { title: 'Buckets', content: bucketsView(list, offset) };
  },
  '/buckets/:id': async ({ db, fleet }, context) => {
    const id = bucketIdShape.safeParse(context.req.param('id'));
    const bucket = id.success ? await readBucket(db, fleet, id.data, patience) : undefined;
    return bucket && { title: bucket.title, content: bucketView(bucket) };
  },
  '/dumps/:id': async ({ db }, context) => {
    const id = sha256Shape.safeParse(context.req.param('id'));
    const dump = id.success ? await readDump(db, id.data) : undefined;
    return dump && reportHtml(dump.stored.report);
  },
  '/search': async ({ db }, context) => {
    const text = (context.req.query('text') ?? '').slice(0, 200);
    const { total, dumps } = await searchDumps(db, { text });
    const content = html`<h1>Search</h1>
<form action="/search"><input name="text" value="${text}" aria-label="Words"/><button>Search</button></form>
<p class="dim">${total} dumps, the last crashes first.</p>
${dumpsTable(dumps)}`;
    return { title: 'Search', content };
  },
  '/set-aside': async ({ db }) => {
    const { total, dumps } = await listSetAside(db);
    const table = tableOf(
      [
        { title: 'Why', cell: ({ code }) => code },
        { title: 'Source', cell: ({ source, sha256 }) => source ?? sha256 },
        { title: 'Reason', cell: ({ reason }) => reason },
        { title: 'Tries', isNumber: true, cell: ({ attempts }) => attempts },
      ],
      dumps,
    );
    return { title: 'Set aside', content: html`<h1>${total} dumps without a report</h1>${table}` };
  },
};

const loginForm = html`<h1>A token is needed</h1>
<form method="post" action="/login"><input type="password" name="token" autocomplete="current-password" aria-label="Token"/><button>Go on</button></form>`;

async function refuse({ db }: ServerParts, context: Context, person: Person | undefined): Promise<Response> {
  const { path } = context.req;
  if (mayNoteRefusal()) {
    await writeAudit(db, { who: person?.name ?? 'nobody', action: 'GET page', subject: path, status: 401 });
  }
  return send(context, 'Token', loginForm, 401);
}

function send(context: Context, title: string, content: Piece, status: 200 | 401 | 404 = 200): Response {
  context.header('content-security-policy', pagePolicy);
  return context.html(page(title, content), status) as Response;
}

/** The token goes into a cookie that scripts and other sites do not get. */
async function login({ db }: ServerParts, context: Context): Promise<Response> {
  if (isForeign(context)) return context.json({ error: 'pages of other sites may not log in' }, 403);
  const form = await context.req.parseBody().catch(() => ({}) as Record<string, unknown>);
  const token = typeof form['token'] === 'string' ? form['token'].trim().slice(0, 200) : '';
  if ((await personOf(db, token)) === undefined) {
    if (mayNoteRefusal())
      await writeAudit(db, { who: 'nobody', action: 'POST /login', subject: '', status: 401 });
    return send(context, 'Token', loginForm, 401);
  }
  // A proxy with TLS in front asks us without; the browser tells what it uses.
  const secure = [context.req.url, context.req.header('origin') ?? ''].some((url) =>
    url.startsWith('https:'),
  );
  setCookie(context, cookieName, token, { httpOnly: true, sameSite: 'Strict', secure, path: '/' });
  return context.redirect('/');
}
