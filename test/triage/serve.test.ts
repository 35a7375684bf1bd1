import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type OpenedDatabase, openDatabase, Spool, startServer, TriageRun, Webhook } from '@poolscope/triage';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { poolOf, temporaryFolder } from './stores.ts';

const folder = temporaryFolder();
let store: OpenedDatabase;
beforeAll(async () => {
  store = await openDatabase(join(folder.path, 'x.sqlite'));
});
afterAll(async () => {
  await store.close();
  folder.remove();
});

const eventually = async (check: () => Promise<boolean> | boolean): Promise<void> => {
  while (!(await check())) {
    await new Promise((resolve) => {
      setTimeout(resolve, 30);
    });
  }
};

it('analyzes uploads, removes them, and goes on with those of a server that was killed', async () => {
  const place = join(folder.path, 'spool');
  const before = await Spool.open(place, { mostBytes: 10_000 }, store.db);
  async function* left() {
    yield Buffer.from('ok left-over n=1');
  }
  await before.take(left(), { name: 'left.dmp' });

  const spool = await Spool.open(place, { mostBytes: 10_000 }, store.db);
  const server = await startServer(store.db, { host: '127.0.0.1', port: 0, spool });
  const pool = poolOf(1);
  const run = new TriageRun(store.db, pool, { ahead: 1 });
  const running = run.run(spool.items(() => run.isStopped));
  const get = async (path: string) => JSON.parse(await (await fetch(`${server.url}/api/${path}`)).text());
  const upload = async (body: string): Promise<string> => {
    const response = await fetch(`${server.url}/api/dumps?machine=pc7&name=new.dmp`, {
      method: 'POST',
      body,
    });
    return JSON.parse(await response.text()).sha256;
  };
  const sha256 = await upload('ok uploaded n=2');
  const broken = await upload('refuse x');
  const isDone = async (id: string) => (await get(`uploads/${id}`)).state === 'done';
  await eventually(async () => (await isDone(sha256)) && (await isDone(broken)));
  await eventually(() => readdirSync(place).length === 0);
  run.stop();
  await running;
  const { dumps } = await get('dumps');
  const lines = dumps.map(({ signature, machine, source }: Record<string, string>) => [
    signature,
    machine,
    source,
  ]);
  expect(lines.sort()).toEqual([
    ['left-over', expect.stringMatching(/^drivers-/), expect.stringMatching(/^upload:/)],
    ['uploaded', 'pc7', `upload:${sha256}`],
  ]);
  await server.close();
  await pool.close();
});

it('tells of new buckets until it is heard, and not of old ones', async () => {
  const heard: string[] = [];
  let refusals = 2;
  let redirected = 0;
  const listener = createServer((request, response) => {
    let body = '';
    request.on('data', (text) => (body += text));
    request.on('end', () => {
      if (request.url !== '/') redirected++;
      if (refusals-- > 1) response.writeHead(302, { location: '/elsewhere' });
      else if (refusals === 0) response.statusCode = 503;
      else heard.push(JSON.parse(body).bucket.title);
      response.end();
    });
  });
  await new Promise<void>((resolve) => {
    listener.listen(0, '127.0.0.1', resolve);
  });
  const { port } = listener.address() as AddressInfo;
  const webhook = new Webhook(store.db, { url: `http://127.0.0.1:${port}/`, pause: 20 });
  await webhook.start();
  const spool = await Spool.open(join(folder.path, 'spool-2'), { mostBytes: 10_000 }, store.db);
  async function* bytes() {
    yield Buffer.from('ok brand-new n=3\nok uploaded n=4');
  }
  await spool.take(bytes(), {});
  const pool = poolOf(1);
  const run = new TriageRun(store.db, pool, { ahead: 1 });
  const running = run.run(spool.items(() => run.isStopped));
  await eventually(() => heard.length > 0);
  run.stop();
  await running;
  await webhook.close();
  await pool.close();
  listener.close();
  listener.closeAllConnections();
  expect(heard).toEqual(['brand-new']);
  expect(refusals).toBeLessThan(0);
  expect(redirected).toBe(0);
});
