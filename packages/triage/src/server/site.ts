import type { Context, Hono } from 'hono';

/** A file of the page that is built beside this program. */
export interface SiteFile {
  readonly type: string;
  /** Its name holds a hash of its content: it never changes. */
  readonly isFixed: boolean;
  readonly body: Uint8Array;
}

/** The page for browsers, as the server hands it out. */
export interface Site {
  /** By their paths: `/index.html`, and `/` for the start page. */
  readonly files: ReadonlyMap<string, SiteFile>;
  /** Content-Security-Policy of an answer, by its path. */
  readonly policy: (path: string) => string;
}

/** Tells the start page where the answers of this server are. */
const line = '<meta name="poolscope-fleet" content="../api/" />';
const startPages: ReadonlySet<string> = new Set(['/', '/index.html']);

/** The page with its files below `/app/`. They hold no data, and need no token: what they ask for does. */
export function addSite(app: Hono, { files, policy }: Site): void {
  app.get('/app', (context) => context.redirect('/app/'));
  app.get('/app/*', (context) => {
    const path = context.req.path.slice('/app'.length);
    const file = files.get(path);
    if (file === undefined) return context.json({ error: 'there is no such file' }, 404);
    return sendFile(context, path, file, policy(path));
  });
}

function sendFile(context: Context, path: string, file: SiteFile, policy: string): Response {
  context.header('content-type', file.type);
  context.header('content-security-policy', policy);
  context.header('cache-control', file.isFixed ? 'max-age=31536000, immutable' : 'no-cache');
  const body = startPages.has(path) ? withLine(file.body) : file.body;
  return context.body(body as Uint8Array<ArrayBuffer>);
}

const withLine = (body: Uint8Array): Uint8Array =>
  Buffer.from(Buffer.from(body).toString('utf8').replace('</head>', `${line}</head>`));
