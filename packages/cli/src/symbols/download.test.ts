import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { file, type Handler, half, inTurn, silence, status, TestServer } from '../../test/test-server.ts';
import { type DownloadOptions, download } from './download.ts';

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
});
afterEach(() => server.stop());

const content = Uint8Array.from({ length: 100_000 }, (_, index) => index * 7);

class Target {
  bytes: Uint8Array = new Uint8Array(0);
  get size(): number {
    return this.bytes.length;
  }
  append(more: Uint8Array): void {
    this.bytes = Buffer.concat([this.bytes, more]);
  }
  clear(): void {
    this.bytes = new Uint8Array(0);
  }
}

async function get(options: DownloadOptions = {}, path = '/a') {
  const target = new Target();
  const result = await download(server.url + path, target, { delays: [1, 1], patience: 5000, ...options });
  return { ...result, isWhole: Buffer.compare(target.bytes, content) === 0 };
}

const answer = (...handlers: readonly Handler[]) => server.answers.set('/a', inTurn(...handlers));
const done = { kind: 'done', isWhole: true };

describe('download', () => {
  it('gives the file, and says how far it is', async () => {
    answer(file(content));
    const steps: [number, number | undefined][] = [];
    expect(await get({ onProgress: (...step) => steps.push(step) })).toEqual(done);
    expect(steps.at(-1)).toEqual([100_000, 100_000]);
  });

  it('unpacks what is packed on the way', async () => {
    const packed = gzipSync(content);
    answer(file(packed, { 'content-encoding': 'gzip', etag: '"1"' }));
    expect(await get()).toEqual(done);
  });

  it('takes an answer that does not tell its length', async () => {
    answer((_request, response) => {
      response.writeHead(200);
      response.write(content.subarray(0, 500));
      response.end(content.subarray(500));
    });
    expect(await get()).toEqual(done);
  });

  it.each([404, 410])('knows %i as not there', async (code) => {
    answer(status(code));
    expect(await get()).toMatchObject({ kind: 'absent' });
    expect(server.asked).toHaveLength(1);
  });

  it.each([401, 403, 400])('does not ask again after %i', async (code) => {
    answer(status(code));
    expect(await get()).toMatchObject({ kind: 'refused', why: `it answers ${code}` });
    expect(server.asked).toHaveLength(1);
  });

  it.each([500, 503, 429, 408])('asks again after %i', async (code) => {
    answer(status(code, { 'retry-after': '0' }), file(content));
    expect(await get()).toEqual(done);
    expect(server.asked).toHaveLength(2);
  });

  it('gives up where trying again does not help', async () => {
    answer(status(502));
    expect(await get()).toMatchObject({ kind: 'failed', why: 'it answers 502' });
    expect(server.asked).toHaveLength(3);
  });

  it('goes on where the connection broke off', async () => {
    answer(half(content, 30_000), file(content));
    expect(await get()).toEqual(done);
    expect(server.asked[1]).toMatch(/^\/a bytes=[1-9]\d*-$/);
  });

  it('begins anew where the server cannot go on', async () => {
    answer(half(content, 30_000, {}), file(content));
    expect(await get()).toEqual(done);
    expect(server.asked).toEqual(['/a', '/a']);
  });

  it('begins anew where the file has changed', async () => {
    const changed: Handler = (_request, response) => {
      response.writeHead(200, { 'content-length': content.length }).end(content);
    };
    answer(
      half(
        content.map((byte) => byte ^ 1),
        30_000,
      ),
      changed,
    );
    expect(await get()).toEqual(done);
  });

  it('does not join a range that was not asked for', async () => {
    const other: Handler = (_request, response) => {
      response.writeHead(206, { 'content-range': 'bytes 5-9/10', 'content-length': 5 }).end('12345');
    };
    answer(half(content, 30_000), other, file(content));
    expect(await get()).toEqual(done);
  });

  it('gives up on a server that always breaks off', async () => {
    answer(half(content, 30_000, {}));
    expect(await get()).toMatchObject({ kind: 'failed', why: 'the connection broke off', isWhole: false });
  });

  it('follows where it is sent', async () => {
    server.answers.set('/b', file(content));
    answer(status(302, { location: '/b' }));
    expect(await get()).toEqual(done);
    expect(server.asked).toEqual(['/a', '/b']);
  });

  it.each([
    ['/a', 'without an end'],
    ['file:///etc/passwd', 'kind file:'],
    ['http://[', 'no valid address'],
  ])('refuses to be sent to %s', async (location, words) => {
    answer(status(301, { location }));
    expect(await get()).toMatchObject({ kind: 'refused', why: expect.stringContaining(words) });
  });

  it('does not wait for a server that never answers, nor asks it again', async () => {
    answer(silence);
    expect(await get({ patience: 50 })).toMatchObject({ kind: 'failed', why: 'it does not answer' });
    expect(server.asked).toHaveLength(1);
  });

  it('does not wait for a trickle', async () => {
    answer((_request, response) => {
      response.writeHead(200, { 'content-length': 100_000 });
      const timer = setInterval(() => response.write('x'), 5);
      response.on('close', () => clearInterval(timer));
    });
    expect(await get({ patience: 60, delays: [] })).toMatchObject({
      kind: 'failed',
      why: 'it does not answer',
    });
  });

  it('says that there is no server', async () => {
    const { url } = server;
    await server.stop();
    const result = await download(`${url}/a`, new Target(), { delays: [1] });
    expect(result).toEqual({ kind: 'failed', why: 'it refuses connections' });
    server = await TestServer.start();
  });

  it.each([
    ['told', file(content)],
    [
      'not told',
      ((_request, response) => {
        response.writeHead(200);
        response.write(content);
        response.end();
      }) as Handler,
    ],
  ])('refuses what is too large, its length %s', async (_name, handler) => {
    answer(handler);
    expect(await get({ maxBytes: 1000 })).toMatchObject({
      kind: 'refused',
      why: 'it sends more than 1000 bytes',
    });
  });

  it('stops when asked', async () => {
    const controller = new AbortController();
    answer(silence);
    const run = get({ signal: controller.signal });
    controller.abort();
    await expect(run).rejects.toThrow(/abort/i);
  });

  it('sends a name and password to their own server only', async () => {
    const seen: (string | undefined)[] = [];
    const other = await TestServer.start();
    other.answers.set('/b', (asked, response) => {
      seen.push(asked.headers.authorization);
      file(content)(asked, response);
    });
    answer((asked, response) => {
      seen.push(asked.headers.authorization);
      status(302, { location: `${other.url}/b` })(asked, response);
    });
    const target = new Target();
    const url = `${server.url.replace('://', '://me:se%20cret@')}/a`;
    expect(await download(url, target)).toEqual({ kind: 'done' });
    expect(seen).toEqual([`Basic ${Buffer.from('me:se cret').toString('base64')}`, undefined]);
    await other.stop();
  });
});
