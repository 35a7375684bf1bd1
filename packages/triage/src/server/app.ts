import { version } from '@poolscope/engine/base';
import { type Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { StoreError } from '../store/store-error.ts';
import { mayNoteRefusal, writeAudit } from './audit.ts';
import { allowOrigins, isAllowedOrigin } from './cors.ts';
import { openApi } from './openapi.ts';
import { addPages } from './pages.ts';
import type { Call, Route, ServerParts } from './route.ts';
import { routes } from './routes.ts';
import { addSite } from './site.ts';
import { may, type Person } from './tokens.ts';
import { isForeign, isLoopbackName, whoAsks } from './who.ts';

export interface AppOptions {
  /** Called with what the server should not have met. */
  readonly onError?: (error: unknown) => void;
}

const mostBodyBytes = 1 << 20;

/** The server's answers, without a socket. */
export function buildApp(parts: ServerParts, options: AppOptions = {}): Hono {
  const app = new Hono();
  const { site, origins = [] } = parts;
  app.use(async (context, next) => {
    if (parts.isLocal && !isLoopbackName(context.req.header('host'))) {
      return context.json({ error: 'this server answers to localhost only' }, 421);
    }
    await next();
    context.header('x-content-type-options', 'nosniff');
    // With no-referrer, browsers hide from us that the form of a login is our own.
    context.header('referrer-policy', 'same-origin');
    if (!context.res.headers.has('cache-control')) context.header('cache-control', 'no-store');
    return undefined;
  });
  app.use(allowOrigins(origins));
  if (site !== undefined) addSite(app, site);
  for (const route of routes) {
    const path = route.path.replace(/\{(\w+)\}/g, ':$1');
    app.on(route.method.toUpperCase(), path, (context) => answer(parts, route, context));
  }
  app.get('/api/openapi.json', (context) => context.json(openApi(routes, version)));
  app.get('/api/events', (context) => events(parts, context));
  addPages(app, parts);
  app.notFound((context) => context.json({ error: 'there is nothing of that name' }, 404));
  app.onError((error, context) => {
    if (error instanceof StoreError) return context.json({ error: error.message, remedy: error.remedy }, 409);
    options.onError?.(error);
    return context.json({ error: 'the server failed' }, 500);
  });
  return app;
}

/** Checks who asks and what for, answers, and notes what was changed. */
async function answer(parts: ServerParts, route: Route, context: Context): Promise<Response> {
  const person = await whoAsks(parts, context);
  const response = await answerTo(parts, route, context, person).catch(async (error: unknown) => {
    await note(parts, route, context, person, error instanceof StoreError ? 409 : 500);
    throw error;
  });
  await note(parts, route, context, person, response.status);
  return response;
}

async function note(
  { db }: ServerParts,
  { method, path, isNoted }: Route,
  context: Context,
  person: Person | undefined,
  status: number,
): Promise<void> {
  const isRefused = status === 401 || status === 403;
  if (method === 'get' && isNoted !== true && !isRefused) return;
  if (isRefused && !mayNoteRefusal()) return;
  const who = person?.name ?? 'nobody';
  const subject = context.req.param('id') ?? context.req.query('name') ?? '';
  await writeAudit(db, { who, action: `${method.toUpperCase()} ${path}`, subject, status });
}

async function answerTo(
  parts: ServerParts,
  route: Route,
  context: Context,
  person: Person | undefined,
): Promise<Response> {
  if (person === undefined) {
    context.header('www-authenticate', 'Bearer');
    return context.json({ error: 'a token is needed', remedy: 'Send Authorization: Bearer TOKEN.' }, 401);
  }
  if (!may(person.role, route.permission)) {
    return context.json({ error: `a ${person.role} may not ${route.permission}` }, 403);
  }
  const isAllowed = isAllowedOrigin(parts.origins ?? [], context);
  if (route.method !== 'get' && !isAllowed && isForeign(context)) {
    return context.json({ error: 'pages of other sites may not change anything' }, 403);
  }
  const given = await argumentsOf(route, context);
  if (typeof given === 'string') return context.json({ error: given }, 400);
  const call = { parts, person, context, ...given } as unknown as Call<never, never>;
  const data = await route.handle(call);
  if (data === undefined) return context.json({ error: 'there is nothing of that name' }, 404);
  return data instanceof Response ? data : context.json(data as never);
}

/** What was given, checked; a sentence where it is wrong. */
async function argumentsOf(
  { idShape, query, body, takesBytes }: Route,
  context: Context,
): Promise<{ id: string; query: unknown; body: unknown } | string> {
  const id = context.req.param('id') ?? '';
  if (idShape !== undefined && !idShape.safeParse(id).success)
    return 'the name in the path is not one of ours';
  const lists = Object.entries(context.req.queries()).map(([name, values]) => [
    name,
    values.length === 1 ? values[0] : values,
  ]);
  const asked = query?.safeParse(Object.fromEntries(lists));
  if (asked?.success === false) return sentenceOf(asked.error.issues);
  if (body === undefined || takesBytes === true) return { id, query: asked?.data, body: undefined };
  if (Number(context.req.header('content-length') ?? mostBodyBytes + 1) > mostBodyBytes) {
    return 'the body is too large, or does not tell its length';
  }
  const sent = body.safeParse(await context.req.json().catch(() => undefined));
  return sent.success ? { id, query: asked?.data, body: sent.data } : sentenceOf(sent.error.issues);
}

const sentenceOf = (issues: readonly { path: PropertyKey[]; message: string }[]): string =>
  issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');

/** Server-sent events: the state at once, then each change of it. */
async function events(parts: ServerParts, context: Context): Promise<Response> {
  const person = await whoAsks(parts, context);
  if (person === undefined) return context.json({ error: 'a token is needed' }, 401);
  if (!may(person.role, 'read')) return context.json({ error: `a ${person.role} may not read` }, 403);
  return streamSSE(context, async (stream) => {
    const send = (state: unknown) => stream.writeSSE({ event: 'state', data: JSON.stringify(state) });
    await send(await parts.events.state());
    const stop = parts.events.listen((state) => void send(state));
    await new Promise<void>((resolve) => stream.onAbort(resolve));
    stop();
  });
}
