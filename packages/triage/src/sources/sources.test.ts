import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { key, type S3Server, startS3 } from '../../test/s3-server.ts';
import { findSources } from './find-sources.ts';
import { globMatcher } from './glob.ts';
import { httpSource } from './http.ts';
import { keepDump } from './keep-dump.ts';
import { redactedSource } from './redacted.ts';
import { S3Source } from './s3.ts';
import type { SourceItem } from './source-item.ts';
import { watchFolder } from './watch-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'poolscope-sources-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
};

interface Found {
  readonly names: string[];
  readonly problems: string[];
}

async function find(paths: readonly string[], input = '', machineFromFolder = false): Promise<Found> {
  const problems: string[] = [];
  const names: string[] = [];
  const onProblem = (name: string) => problems.push(name);
  for await (const item of findSources(paths, {
    input: Readable.from([input]),
    onProblem,
    machineFromFolder,
  })) {
    names.push(
      `${item.name.slice(folder.length + 1)}${item.machine === undefined ? '' : ` of ${item.machine.name}`}`,
    );
  }
  return { names, problems };
}

const textOf = (item: SourceItem): Promise<string> =>
  item.withFile(async (path) => readFileSync(path, 'utf8'));

describe('files and folders', () => {
  beforeAll(() => {
    write('f/b/2.dmp', 'x');
    write('f/a/1.DMP', 'x');
    write('f/a/notes.txt', 'PAGE');
    write('f/a/no-name', 'PAGEDU64 and more');
    writeFileSync(join(folder, 'f/a/packed'), Buffer.from([0x1f, 0x8b, 8, 0]));
    symlinkSync(join(folder, 'f'), join(folder, 'f/a/round'));
  });

  it('finds dumps by names and first bytes, in an order, and follows no circles', async () => {
    expect((await find([join(folder, 'f')])).names).toEqual([
      'f/a/1.DMP',
      'f/a/no-name',
      'f/a/packed',
      'f/b/2.dmp',
    ]);
  });

  it('takes folders for machines when asked', async () => {
    const { names } = await find([join(folder, 'f')], '', true);
    expect(names[0]).toBe('f/a/1.DMP of a');
  });

  it('goes on after a folder that cannot be looked into', async () => {
    for (const name of ['g/a/1.dmp', 'g/b/2.dmp', 'g/c/3.dmp']) write(name, 'x');
    const problems: string[] = [];
    const names: string[] = [];
    const options = { input: Readable.from(['']), onProblem: (name: string) => void problems.push(name) };
    for await (const { name } of findSources([join(folder, 'g')], options)) {
      names.push(name.slice(-5));
      rmSync(join(folder, 'g/b'), { recursive: true, force: true });
    }
    expect([names, problems]).toEqual([['1.dmp', '3.dmp'], [join(folder, 'g/b')]]);
  });

  it('expands patterns, reads lists, and tells what is not there', async () => {
    const { names, problems } = await find(
      [join(folder, 'f/**/*.dmp'), join(folder, 'f/[ab]/?.DMP'), join(folder, 'none*'), '-'],
      `${join(folder, 'f/a/notes.txt')}\r\n\n${join(folder, 'gone.dmp')}\n`,
    );
    expect(names).toEqual(['f/b/2.dmp', 'f/a/1.DMP', 'f/a/notes.txt']);
    expect(problems).toEqual([join(folder, 'none*'), join(folder, 'gone.dmp')]);
  });

  it.each([
    ['*.dmp', 'a.dmp', true],
    ['*.dmp', 'a.dmp.txt', false],
    ['[!a-c]x', 'dx', true],
    ['[!a-c]x', 'bx', false],
    ['a+(b', 'a+(b', true],
    ['[z-a]', 'b', false],
    ['[', '[', true],
  ])('matches %s with %s: %s', (pattern, name, fits) => {
    expect(globMatcher(pattern)(name)).toBe(fits);
  });
});

describe('a folder that is watched', () => {
  it('gives a file when it does not grow any more, and again when it changed', async () => {
    const path = write('w/1.dmp', 'x');
    let isStopped = false;
    const given: string[] = [];
    for await (const { name } of watchFolder(join(folder, 'w'), { isStopped: () => isStopped, pause: 20 })) {
      given.push(name.slice(-5));
      if (given.length === 1) write('w/2.dmp', 'y');
      if (given.length === 2) utimesSync(path, 1, 1);
      if (given.length === 3) isStopped = true;
    }
    expect(given).toEqual(['1.dmp', '2.dmp', '1.dmp']);
  });

  it('may be gone for a while, which is told once', async () => {
    let isStopped = false;
    const problems: string[] = [];
    const onProblem = (_: string, error: Error): void => {
      problems.push(error.message);
      setTimeout(() => write('later/1.dmp', 'x'), 100);
    };
    const options = { isStopped: () => isStopped, pause: 20, onProblem };
    for await (const { name } of watchFolder(join(folder, 'later'), options)) {
      expect(name).toBe(join(folder, 'later/1.dmp'));
      isStopped = true;
    }
    expect(problems).toEqual([`${join(folder, 'later')} cannot be looked into: it is gone`]);
  });
});

describe('S3', () => {
  let server: S3Server;
  const objects = new Map(
    ['2026/a.dmp', '2026/b & c.dmp', '2026/d.dmp', '2026-old/e.dmp', '2026/'].map((name) => [
      name,
      Buffer.from(`bytes of ${name}`),
    ]),
  );
  const env = (secret: string = key.secret) => ({
    AWS_ACCESS_KEY_ID: key.id,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_ENDPOINT_URL: server.url,
  });
  beforeAll(async () => {
    server = await startS3('crashes', objects);
  });
  afterAll(() => server.close());

  const list = async (name: string, secret?: string): Promise<SourceItem[]> => {
    const items: SourceItem[] = [];
    for await (const item of new S3Source(env(secret), 1000).list(name)) items.push(item);
    return items;
  };

  it('lists all pages of what is below a name, and fetches objects', async () => {
    const items = await list('s3://crashes/2026');
    expect(items.map(({ name }) => name)).toEqual(
      ['2026/a.dmp', '2026/b & c.dmp', '2026/d.dmp'].map((name) => `s3://crashes/${name}`),
    );
    expect(items.every(({ fingerprint }) => fingerprint.startsWith('"e1":'))).toBe(true);
    expect(await textOf(items[1]!)).toBe('bytes of 2026/b & c.dmp');
  });

  it('tells what is wrong: the key, the name, the size', async () => {
    await expect(list('s3://crashes/2026', 'wrong')).rejects.toThrow('403 SignatureDoesNotMatch');
    await expect(list('s3://crashes/none')).rejects.toThrow('there is no such object');
    await expect(list('s3://other/x')).rejects.toThrow('404 NoSuchBucket');
    expect(() => new S3Source({}, 1)).toThrow('AWS_ACCESS_KEY_ID');
    await expect(textOf(new S3Source(env(), 4).open('s3://crashes/2026/a.dmp'))).rejects.toThrow(
      'more than 4 bytes',
    );
    await expect(textOf(new S3Source(env(), 1000).open('s3://crashes/gone'))).rejects.toThrow('answers 404');
  });
});

describe('web servers', () => {
  it('gives files, tells a version by its tag, and tries again what broke off', async () => {
    let broken = 1;
    const server = createServer((request, response) => {
      response.setHeader('etag', '"v1"');
      if (request.method === 'GET' && broken-- > 0) {
        response.setHeader('content-length', '100');
        response.write('half');
        setTimeout(() => response.destroy(), 10);
      } else response.end('whole');
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    const item = await httpSource(`http://127.0.0.1:${port}/a.dmp`, 1000);
    expect(item.fingerprint).toContain('"v1"');
    expect(await textOf(item)).toBe('whole');
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    await expect(textOf(item)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('privacy', () => {
  it('stores no names of what is redacted', () => {
    const item: SourceItem = {
      name: '/home/alice/secret.dmp',
      fingerprint: '1',
      machine: { name: 'ALICE-PC', by: 'folder' },
      withFile: (use) => use('x'),
    };
    const { shownName, ...stored } = redactedSource(item);
    expect(JSON.stringify(stored)).not.toMatch(/alice/i);
    expect(shownName).toBe(item.name);
    expect(redactedSource(item).name).toBe(redactedSource({ ...item }).name);
  });

  it('keeps a dump under its hash', async () => {
    const path = write('kept.dmp', 'bytes');
    const dump = { sha256: 'ab'.repeat(32), bytes: 5 };
    const kept = await keepDump(join(folder, 'keep'), path, dump);
    expect([kept, readFileSync(kept, 'utf8')]).toEqual([join(folder, 'keep', `${dump.sha256}.dmp`), 'bytes']);
    expect(await keepDump(join(folder, 'keep'), path, dump)).toBe(kept);
  });
});
