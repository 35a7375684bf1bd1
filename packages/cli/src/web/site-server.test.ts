import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BufferSource, type SymbolSource } from '@poolscope/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listSite } from './site-files.ts';
import { SiteServer } from './site-server.ts';
import { SymbolRoute } from './symbol-route.ts';

let folder: string;
let server: SiteServer;
let address: URL;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'poolscope-site-'));
  const site = join(folder, 'site');
  mkdirSync(join(site, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(site, 'index.html'), '<!doctype html><head></head>page');
  writeFileSync(join(site, 'with-server.html'), '<!doctype html><head></head>page');
  writeFileSync(join(site, 'assets', 'main-abc.js'), 'export {};');
  writeFileSync(join(site, 'assets', 'x.wasm'), new Uint8Array([0, 0x61, 0x73, 0x6d]));
  server = new SiteServer(listSite(site), new SymbolRoute(symbols));
  address = new URL(await server.listen(0));
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** By hand: `fetch` would tidy paths up and set its own Host. */
const ask = (
  path: string,
  options: { readonly host?: string; readonly method?: string; readonly site?: string } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const headers = {
      host: options.host ?? address.host,
      ...(options.site === undefined ? {} : { 'sec-fetch-site': options.site }),
    };
    const { hostname, port } = address;
    const call = request({ hostname, port, path, method: options.method ?? 'GET', headers }, (response) => {
      let body = '';
      response.on('data', (piece) => (body += String(piece)));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    call.on('error', reject);
    call.end();
  });

/** Has one PDB. */
const symbols: SymbolSource = {
  path: 'srv*<cache>',
  find: ({ pdb }, kind) =>
    Promise.resolve(
      kind === 'pdb' && pdb?.name === 'sample.pdb'
        ? { kind, location: '/symbols/sample.pdb', source: new BufferSource(new Uint8Array([1, 2, 3])) }
        : undefined,
    ),
};

const question =
  'kind=pdb&machine=x64&need=stack&image=sample.sys&size=4096&guid=00112233445566778899AABBCCDDEEFF&age=1';

describe('symbols for the page', () => {
  it('are told of in the start page', async () => {
    expect((await ask('/')).body).toContain(
      '<meta name="poolscope-symbols" content="srv*&#60;cache&#62;" />',
    );
  });

  it.each([
    ['pdb=sample.pdb', 200],
    ['pdb=other.pdb', 204],
    ['pdb=..%2Fsample.pdb', 400],
  ])('answers %s by %i', async (pdb, status) => {
    expect((await ask(`/symbols?${question}&${pdb}`, { site: 'same-origin' })).status).toBe(status);
  });

  it.each(['kind=exe', 'machine=vax', 'size=x', 'image=a%2Fb', 'guid=zz'])('refuses %s', async (wrong) => {
    const query = new URLSearchParams(`${question}&pdb=sample.pdb`);
    const [name = '', value = ''] = wrong.split('=');
    query.set(name, decodeURIComponent(value));
    expect((await ask(`/symbols?${query}`, { site: 'same-origin' })).status).toBe(400);
  });

  it.each([undefined, 'cross-site', 'same-site', 'none'])(
    'are not for a page of elsewhere (%s)',
    async (site) => {
      const options = site === undefined ? {} : { site };
      expect((await ask(`/symbols?${question}&pdb=sample.pdb`, options)).status).toBe(403);
    },
  );
});

describe('the server of the page', () => {
  it.each([
    ['/', 'text/html; charset=utf-8', 'no-cache'],
    ['/index.html?x=1', 'text/html; charset=utf-8', 'no-cache'],
    ['/assets/main-abc.js', 'text/javascript; charset=utf-8', 'max-age=31536000, immutable'],
    ['/assets/x.wasm', 'application/wasm', 'max-age=31536000, immutable'],
  ])('serves %s', async (path, type, caching) => {
    const { status, headers } = await ask(path);
    expect({ status, type: headers['content-type'], caching: headers['cache-control'] }).toEqual({
      status: 200,
      type,
      caching,
    });
  });

  it('listens on this machine only', () => expect(address.hostname).toBe('127.0.0.1'));

  it.each(['/../secret.txt', '/assets/../../secret.txt', '/%2e%2e/secret.txt', '/nothing', '//secret.txt'])(
    'has no %s',
    async (path) => {
      const { status, body } = await ask(path);
      expect(status).toBe(404);
      expect(body).not.toContain('secret');
    },
  );

  it('forbids connections to other places, on every answer', async () => {
    for (const path of ['/', '/nothing', '/assets/main-abc.js']) {
      const policy = String((await ask(path)).headers['content-security-policy']);
      expect(policy.split('; ')).toContain("connect-src 'self'");
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain('unsafe-inline');
    }
  });

  it('leaves connections of the page for a typed symbol server to that page, and nothing else', async () => {
    const policy = String((await ask('/with-server.html')).headers['content-security-policy']);
    expect(policy).not.toMatch(/default-src|connect-src/);
    expect(policy).not.toContain('unsafe-inline');
    const strict = String((await ask('/')).headers['content-security-policy']).split('; ');
    const shared = strict.filter((each) => !/^(default|connect)-src/.test(each));
    expect(policy.split('; ')).toEqual(expect.arrayContaining(shared));
  });

  it('does not answer a name that somebody else points here', async () => {
    expect((await ask('/', { host: 'evil.example' })).status).toBe(421);
    expect((await ask('/', { host: `localhost:${address.port}` })).status).toBe(200);
  });

  it('takes nothing', async () => {
    expect((await ask('/', { method: 'POST' })).status).toBe(405);
    expect((await ask('/', { method: 'HEAD' })).body).toBe('');
  });
});
