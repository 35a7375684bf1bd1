import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { record, shaOf, temporaryStore } from '../../test/made-up-results.ts';
import { FleetView } from '../fleet/index.ts';
import { bucketId } from '../store/bucket-id.ts';
import { buildApp } from './app.ts';
import { csvLine } from './csv.ts';
import { Events } from './events.ts';
import type { ServerParts } from './route.ts';
import { Spool } from './spool.ts';
import { startServer } from './start-server.ts';
import { createToken, type Role, revokeToken } from './tokens.ts';

let store: Awaited<ReturnType<typeof temporaryStore>>;
let app: ReturnType<typeof buildApp>;
let spool: Spool;
let parts: ServerParts;
const errors: unknown[] = [];

beforeAll(async () => {
  store = await temporaryStore();
  await record(
    store,
    { id: 1, signature: 'sig <a>', machine: '=cmd()', summary: '<script>alert(1)</script>' },
    { id: 2, signature: 'sig <a>', day: '2026-03-05' },
    { id: 3, signature: 'sig b' },
  );
  spool = await Spool.open(
    join(store.folder, 'spool'),
    { mostBytes: 1000, mostInAll: 4000, mostAtOnce: 2 },
    store.db,
  );
  const { db } = store;
  parts = { db, fleet: new FleetView(db), events: new Events(db), spool, isLocal: true };
  app = buildApp(parts, { onError: (error) => errors.push(error) });
});
afterAll(() => store.remove());

interface Asked {
  readonly method?: string;
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream;
  readonly headers?: Readonly<Record<string, string>>;
}

const ask = async (path: string, { headers, ...init }: Asked = {}): Promise<Response> => {
  const length: Record<string, string> =
    typeof init.body === 'string' ? { 'content-length': String(init.body.length) } : {};
  return app.request(`http://localhost${path}`, {
    ...init,
    headers: { host: 'localhost', ...length, ...headers },
  });
};

const json = async (path: string, asked?: Asked) => JSON.parse(await (await ask(path, asked)).text());
const post = (body: unknown, headers?: Readonly<Record<string, string>>): Asked => ({
  method: 'POST',
  body: JSON.stringify(body),
  ...(headers && { headers }),
});

describe('the API', () => {
  it('gives buckets, a bucket and its dumps', async () => {
    const { total, buckets } = await json('/api/buckets?limit=1');
    expect([total, buckets.length, buckets[0].title]).toEqual([2, 1, 'sig <a>']);
    const bucket = await json(`/api/buckets/${bucketId('sig <a>')}`);
    expect(bucket).toMatchObject({
      count: 2,
      machines: 2,
      trend: { last: 2, before: 0 },
      dumps: { length: 2 },
    });
    expect(bucket.days).toEqual([
      { value: '2026-03-01', count: 1 },
      { value: '2026-03-05', count: 1 },
    ]);
    expect(bucket.drivers[0]).toMatchObject({
      driver: 'bad.sys',
      count: 2,
      versions: [{ version: '5f000000-1000' }],
    });
    const dump = await json(`/api/dumps/${shaOf(3)}`);
    expect(dump.report.schema).toBe('poolscope.analysis/1');
    expect((await json('/api/dumps?text=CRASH%203')).total).toBe(1);
  });

  it.each([
    ['/api/buckets?limit=0', 400],
    ['/api/buckets?limit=x', 400],
    ['/api/buckets/../../etc', 404],
    ['/api/buckets/ffffffffffff', 404],
    [`/api/dumps/${'f'.repeat(64)}`, 404],
    ["/api/dumps/'%20or%201=1", 404],
    ['/api/dumps?from=yesterday', 400],
    ['/nothing', 404],
  ])('answers %s with %i and a reason', async (path, status) => {
    const response = await ask(path);
    expect(response.status === 400 || response.status === 404).toBe(true);
    if (!path.includes("'")) expect(response.status).toBe(status);
    expect(JSON.parse(await response.text()).error).toMatch(/\w/);
  });

  it('describes every route, with a schema for what it takes', async () => {
    const api = await json('/api/openapi.json');
    expect(api.openapi).toBe('3.1.0');
    expect(Object.keys(api.paths)).toContain('/api/buckets/{id}/merge');
    const merge = api.paths['/api/buckets/{id}/merge'].post;
    expect(merge.requestBody.content['application/json'].schema.required).toEqual(['into']);
    expect(merge.parameters[0]).toMatchObject({ name: 'id', in: 'path' });
  });

  it('exports CSV that no spreadsheet takes for formulas, and lines of JSON', async () => {
    const text = await (await ask('/api/export/dumps.csv')).text();
    const lines = text.trim().split('\r\n');
    expect(lines).toHaveLength(4);
    expect(text).toContain(",'=cmd(),");
    expect(csvLine(['a;=1', 'b\t=1'])).toBe('"a;=1","b\t=1"\r\n');
    const rows = (await (await ask('/api/export/buckets.jsonl')).text()).trim().split('\n');
    expect(rows.map((row) => JSON.parse(row).count)).toEqual([2, 1]);
  });

  it('tells of the state as server-sent events', async () => {
    const response = await ask('/api/events');
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value)).toContain('data: {"dumps":3,"buckets":2,"setAside":0}');
    await reader.cancel();
  });
});

describe('uploads', () => {
  const bytes = randomBytes(600);

  it('go to the disk under the hash of their bytes', async () => {
    const response = await ask('/api/dumps?machine=pc1', { method: 'POST', body: bytes });
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect([response.status, await response.json()]).toEqual([202, { sha256, bytes: 600, state: 'queued' }]);
    expect(existsSync(join(spool.folder, `${sha256}.upload`))).toBe(true);
    expect((await json(`/api/uploads/${sha256}`)).state).toBe('queued');
  });

  it('end at the limit, whether they tell their length or not, and leave nothing', async () => {
    const before = readdirSync(spool.folder);
    const stream = new ReadableStream({
      pull(controller) {
        controller.enqueue(randomBytes(300));
      },
    });
    const silent = await ask('/api/dumps', { method: 'POST', body: stream, duplex: 'half' } as Asked);
    expect(silent.status).toBe(413);
    const honest = await ask('/api/dumps', {
      method: 'POST',
      body: 'x',
      headers: { 'content-length': '5000' },
    });
    expect(honest.status).toBe(413);
    expect(readdirSync(spool.folder)).toEqual(before);
  });

  it('are put off where too much waits, and taken when there is room again', async () => {
    const status = async (body: string) => (await ask('/api/dumps', { method: 'POST', body })).status;
    const sent = [...'abcdef'].map((letter) => letter.repeat(900));
    const answers: number[] = [];
    for (const body of sent) answers.push(await status(body));
    expect(answers.filter((code) => code === 503).length).toBeGreaterThan(0);
    expect(answers[0]).toBe(202);
    // The same bytes take no more room.
    expect(await status('x'.repeat(10))).toBe(202);
    const waiting = readdirSync(spool.folder).filter((name) => name.endsWith('.part'));
    expect(waiting).toEqual([]);
    for (const name of readdirSync(spool.folder)) rmSync(join(spool.folder, name));
    const again = await Spool.open(spool.folder, { mostBytes: 1000, mostInAll: 950 }, store.db);
    const bytes = async function* (text: string) {
      yield Buffer.from(text);
    };
    await again.take(bytes('a'.repeat(900)), {});
    await again.take(bytes('a'.repeat(900)), {}).catch(() => undefined);
    await expect(again.take(bytes('b'.repeat(900)), {})).rejects.toThrow('too much waits');
  });

  it('come in a few at a time', async () => {
    let end = () => undefined as void;
    const slow = () =>
      ask('/api/dumps', {
        method: 'POST',
        body: new ReadableStream({
          start(controller) {
            controller.enqueue(Buffer.from('slow'));
            const before = end;
            end = () => {
              before();
              controller.close();
            };
          },
        }),
        duplex: 'half',
      } as Asked);
    const two = [slow(), slow()];
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    const third = await ask('/api/dumps', { method: 'POST', body: 'x' });
    expect([third.status, third.headers.get('retry-after')]).toEqual([503, '60']);
    end();
    expect((await Promise.all(two)).map(({ status }) => status)).toEqual([202, 202]);
  });

  it('may be broken off, which leaves nothing and is no fault of the server', async () => {
    const before = readdirSync(spool.folder);
    const stream = new ReadableStream({
      pull(controller) {
        controller.error(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
      },
    });
    const response = await ask('/api/dumps', { method: 'POST', body: stream, duplex: 'half' } as Asked);
    expect(response.status).toBe(400);
    expect(readdirSync(spool.folder)).toEqual(before);
    expect(errors).toEqual([]);
  });
});

describe('pages', () => {
  it('show what dumps hold as text, under a policy without scripts', async () => {
    for (const path of [
      '/',
      `/buckets/${bucketId('sig <a>')}`,
      '/search?text=script',
      '/set-aside',
      `/dumps/${shaOf(1)}`,
    ]) {
      const response = await ask(path);
      expect([path, response.status]).toEqual([path, 200]);
      expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src/);
      const text = await response.text();
      expect(text).not.toContain('<script');
      expect(text).not.toContain('sig <a>');
    }
    expect((await ask('/buckets/ffffffffffff')).status).toBe(404);
  });

  it('have a policy that their own style fits', async () => {
    const response = await ask('/');
    const style = /<style>(.*?)<\/style>/s.exec(await response.text())?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(response.headers.get('content-security-policy')).toContain(`'sha256-${hash}'`);
  });
});

describe('the dashboard', () => {
  const html = Buffer.from('<html><head></head></html>');
  const files = new Map([
    ['/', { type: 'text/html', isFixed: false, body: html }],
    ['/assets/a-1.js', { type: 'text/javascript', isFixed: true, body: Buffer.from('1') }],
  ]);
  const policy = (path: string) => `default-src 'none'; x ${path}`;

  it('is served to everybody, and told where the answers are, which are not', async () => {
    const open = buildApp({ ...parts, isLocal: false, site: { files, policy } });
    const get = (path: string) => open.request(`http://x.example${path}`, { headers: { host: 'x.example' } });
    const start = await get('/app/');
    expect([start.status, await start.text()]).toEqual([
      200,
      '<html><head><meta name="poolscope-fleet" content="../api/" /></head></html>',
    ]);
    expect(start.headers.get('content-security-policy')).toBe(policy('/'));
    const script = await get('/app/assets/a-1.js');
    expect(script.headers.get('cache-control')).toContain('immutable');
    expect((await get('/app/../tokens')).status).not.toBe(200);
    expect((await get('/app/assets/b.js')).status).toBe(404);
    expect((await get('/api/days')).status).toBe(401);
  });

  it('gets the days of the buckets', async () => {
    const { days } = await json('/api/days');
    expect(days).toEqual(
      expect.arrayContaining([
        { bucket: bucketId('sig <a>'), day: '2026-03-01', count: 1 },
        { bucket: bucketId('sig <a>'), day: '2026-03-05', count: 1 },
      ]),
    );
  });

  it('gets a dump where it is kept, and that is noted', async () => {
    expect((await json(`/api/dumps/${shaOf(2)}`)).kept).toBe(false);
    expect((await ask(`/api/dumps/${shaOf(2)}/file`)).status).toBe(404);
    const kept = join(store.folder, 'kept.dmp');
    writeFileSync(kept, 'PAGEDU64');
    await store.db.updateTable('dumps').set({ kept }).where('sha256', '=', shaOf(2)).execute();
    expect((await json(`/api/dumps/${shaOf(2)}`)).kept).toBe(true);
    const answer = await ask(`/api/dumps/${shaOf(2)}/file`);
    expect([answer.headers.get('content-disposition'), await answer.text()]).toEqual([
      'attachment; filename="kept.dmp"',
      'PAGEDU64',
    ]);
    const [first] = await json('/api/audit?limit=1');
    expect(first).toMatchObject({ action: 'GET /api/dumps/{id}/file', status: 200 });
    rmSync(kept);
    expect((await ask(`/api/dumps/${shaOf(2)}/file`)).status).toBe(404);
  });
});

describe('pages of other addresses', () => {
  const origin = 'https://dash.example';
  const asked = (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
    buildApp({ ...parts, origins: [origin] }).request(`http://localhost${path}`, {
      ...init,
      headers: { host: 'localhost', origin, ...init.headers },
    });
  const allowed = 'access-control-allow-origin';

  it('may use the API where they were named', async () => {
    const before = await asked('/api/buckets', { method: 'OPTIONS' });
    expect([before.status, before.headers.get(allowed)]).toEqual([204, origin]);
    expect((await asked('/api/buckets')).headers.get(allowed)).toBe(origin);
    const headers = { 'sec-fetch-site': 'cross-site', 'content-type': 'application/json' };
    const body = JSON.stringify({ into: 'ffffffffffff' });
    const post = { method: 'POST', body, headers: { ...headers, 'content-length': String(body.length) } };
    expect((await asked(`/api/buckets/${bucketId('sig b')}/merge`, post)).status).toBe(409);
  });

  it('may not otherwise, and no pages but those of the API', async () => {
    const other = { headers: { origin: 'https://other.example' } };
    expect((await asked('/api/buckets', other)).headers.get(allowed)).toBeNull();
    expect((await asked('/')).headers.get(allowed)).toBeNull();
    const none = await ask('/api/buckets', { headers: { origin } });
    expect(none.headers.get(allowed)).toBeNull();
    expect(none.headers.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('who may do what', () => {
  it('refuses other names for this machine, and pages of other sites', async () => {
    expect((await ask('/api/buckets', { headers: { host: 'evil.example' } })).status).toBe(421);
    const merge = post({ into: bucketId('sig b') }, { origin: 'https://evil.example' });
    expect((await ask(`/api/buckets/${bucketId('sig <a>')}/merge`, merge)).status).toBe(403);
  });

  it('lets nobody in without a token where others could come, also when the last one was revoked', async () => {
    const open = buildApp({ ...parts, isLocal: false });
    const headers = { host: 'crashes.example' };
    expect((await open.request('http://crashes.example/api/buckets', { headers })).status).toBe(401);
    expect((await open.request('http://crashes.example/', { headers })).status).toBe(401);
    const refused = (await json('/api/audit')).map(
      ({ who, action, subject }: Record<string, string>) => `${who} ${action} ${subject}`,
    );
    expect(refused).toContain('nobody GET page /');
    expect(refused).toContain('nobody GET /api/buckets ');
  });

  it('does not listen where others could come without a token', async () => {
    await expect(startServer(store.db, { host: '0.0.0.0', port: 0 })).rejects.toThrow('there is no token');
  });

  it('listens on this machine', async () => {
    const server = await startServer(store.db, { host: '127.0.0.1', port: 0 });
    try {
      expect((await fetch(`${server.url}/api/buckets`)).status).toBe(200);
    } finally {
      await server.close();
    }
  });

  it.each([
    [{ 'sec-fetch-site': 'same-origin', origin: 'null' }, 302, false],
    [{ origin: 'http://localhost' }, 302, false],
    [{ origin: 'https://localhost' }, 302, true],
    [{ origin: 'null' }, 403, false],
    [{ 'sec-fetch-site': 'same-site', origin: 'http://localhost:99' }, 403, false],
    [{ 'sec-fetch-site': 'cross-site' }, 403, false],
  ])('lets a page log in: %o gives %i', async (headers, status, isSecure) => {
    const { id, token } = await createToken(store.db, 'page', 'reader');
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await ask('/login', {
      method: 'POST',
      body: `token=${token}`,
      headers: { ...form, ...headers },
    });
    await revokeToken(store.db, id);
    expect(response.status).toBe(status);
    const cookie = response.headers.get('set-cookie') ?? '';
    expect(cookie.includes('HttpOnly')).toBe(status === 302);
    expect(cookie.includes('Secure')).toBe(isSecure);
    expect(response.headers.get('referrer-policy')).toBe('same-origin');
  });

  it('asks for tokens once there is one, and each role may do its part', async () => {
    const { token: admin } = await createToken(store.db, 'root', 'admin');
    expect((await ask('/api/buckets')).status).toBe(401);
    expect((await ask('/')).status).toBe(401);
    const as = (token: string) => ({ authorization: `Bearer ${token}` });
    expect((await ask('/api/buckets', { headers: as('psc_wrong') })).status).toBe(401);
    const made: Partial<Record<Role, string>> = {};
    for (const role of ['reader', 'uploader', 'editor'] as const) {
      made[role] = (await json('/api/tokens', post({ name: role, role }, as(admin)))).token;
    }
    const status = async (role: Role, path: string, asked: Asked = {}) =>
      (await ask(path, { ...asked, headers: as(role === 'admin' ? admin : made[role]!) })).status;
    const upload = { method: 'POST', body: 'abc' };
    const merge = post({ into: bucketId('sig <a>') });
    const mergePath = `/api/buckets/${bucketId('sig b')}/merge`;
    const table = async (role: Role) => [
      await status(role, '/api/buckets'),
      await status(role, '/api/dumps', upload),
      await status(role, mergePath, merge),
      await status(role, '/api/audit'),
    ];
    expect(await table('reader')).toEqual([200, 403, 403, 403]);
    expect(await table('uploader')).toEqual([403, 202, 403, 403]);
    expect(await table('editor')).toEqual([200, 202, 200, 403]);
    const audit = await json('/api/audit', { headers: as(admin) });
    const entries = audit.map((entry: Record<string, string | number>) =>
      [entry['who'], entry['action'], entry['status']].join(' '),
    );
    expect(entries).toContain('editor POST /api/buckets/{id}/merge 200');
    expect(entries).toContain('uploader GET /api/audit 403');
    const reader = (await json('/api/tokens', { headers: as(admin) })).find(
      ({ name }: { name: string }) => name === 'reader',
    );
    expect(await status('admin', `/api/tokens/${reader.id}`, { method: 'DELETE' })).toBe(200);
    expect(await status('reader', '/api/buckets')).toBe(401);
    const stored = await store.db.selectFrom('tokens').select('hash').execute();
    expect(JSON.stringify(stored)).not.toContain(admin);
  });
});

it('met nothing that it should not have', () => {
  expect(errors).toEqual([]);
});
