import { join } from 'node:path';
import {
  countAnew,
  listBuckets,
  listSetAside,
  type OpenedDatabase,
  openDatabase,
  searchDumps,
} from '@poolscope/triage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runFolder, talliesOf, temporaryFolder, writeDumps } from './stores.ts';

const folder = temporaryFolder();
let store: OpenedDatabase;

beforeAll(async () => {
  store = await openDatabase(join(folder.path, 'one.sqlite'));
});
afterAll(async () => {
  await store.close();
  folder.remove();
});

describe('a run over dumps of which some do harm', () => {
  const dumps = join(folder.path, 'dumps');
  beforeAll(async () => {
    writeDumps(dumps, {
      'pc1/a.dmp': 'ok sig-a time=2026-01-01T00:00:00.000Z',
      'pc1/copy-of-a.dmp': 'ok sig-a time=2026-01-01T00:00:00.000Z',
      'pc2/b.dmp': 'ok sig-a time=2026-01-09T00:00:00.000Z drivers=bad.sys,other.sys',
      'pc2/c.dmp': 'ok sig-c',
      'crash.dmp': 'crash x',
      'memory.dmp': 'memory x',
      'refuse.dmp': 'refuse x',
      'bug.dmp': 'bug x',
      'archive.dmp': 'ok sig-d n=1\ncrash y\nok sig-d n=2\nok sig-a time=2026-01-01T00:00:00.000Z',
      'readme.txt': 'no dump',
    });
  });

  it('puts aside what crashes and eats memory, and does the others', async () => {
    const { run, problems } = await runFolder(store, dumps, { machineFromFolder: true });
    expect(run.counts).toMatchObject({ filesFound: 9, filesDone: 9, analyzed: 5, known: 2, refused: 1 });
    expect(run.counts).toMatchObject({ failed: 4, problems: 0 });
    expect(problems).toEqual([]);
    const { dumps: aside } = await listSetAside(store.db);
    const byName = Object.fromEntries(
      aside.map(({ source, code, attempts }) => [source?.slice(dumps.length + 1), `${code} ${attempts}`]),
    );
    expect(byName).toEqual({
      'crash.dmp': 'WORKER_LOST 2',
      'memory.dmp': 'MEMORY_LIMIT 2',
      'bug.dmp': 'BUG 1',
      'refuse.dmp': 'DUMP_BAD_BODY 1',
      'archive.dmp#dump-1': 'WORKER_LOST 2',
    });
  });

  it('gathers dumps in buckets, each dump once', async () => {
    const { total, buckets } = await listBuckets(store.db);
    expect(total).toBe(3);
    const brief = buckets.map(({ title, count, machines, firstSeen, lastSeen, suspect }) => ({
      ...{ title, count, machines, suspect },
      days: `${firstSeen?.slice(0, 10)} ${lastSeen?.slice(0, 10)}`,
    }));
    expect(brief.find(({ title }) => title === 'sig-a')).toEqual({
      ...{ title: 'sig-a', count: 2, suspect: 'bad.sys', machines: 2 },
      days: '2026-01-01 2026-01-09',
    });
    expect(brief.map(({ title, count }) => `${title} ${count}`).sort()).toEqual([
      'sig-a 2',
      'sig-c 1',
      'sig-d 2',
    ]);
    expect(await talliesOf(store.db)).toEqual(await countAnew(store.db));
  });

  it('finds dumps by words and columns', async () => {
    const found = await searchDumps(store.db, { text: 'SIG-A pc2' });
    expect(found.dumps.map(({ machine }) => machine)).toEqual(['pc2']);
    expect((await searchDumps(store.db, { text: '%' })).total).toBe(0);
    expect((await searchDumps(store.db, { from: '2026-01-09', kind: 'pool-overrun' })).total).toBe(1);
  });

  it('does nothing twice, and all of it again when asked', async () => {
    const again = await runFolder(store, dumps, { machineFromFolder: true });
    expect(again.run.counts).toMatchObject({ analyzed: 0, failed: 0, resumed: 9, problems: 0 });
    writeDumps(dumps, { 'pc2/c.dmp': 'ok sig-c2' });
    const changed = await runFolder(store, join(dumps, 'pc2'));
    expect(changed.run.counts).toMatchObject({ analyzed: 1, resumed: 1 });
    const all = await runFolder(store, join(dumps, 'pc2'), { again: true });
    expect(all.run.counts).toMatchObject({ analyzed: 2, resumed: 0 });
    expect(await talliesOf(store.db)).toEqual(await countAnew(store.db));
  });

  it('counts the results of another version instead of those before', async () => {
    const { run } = await runFolder(store, join(dumps, 'pc2'), { analyzer: 'made-up-2' });
    expect(run.counts).toMatchObject({ analyzed: 2 });
    const rows = await store.db
      .selectFrom('results')
      .select(['analyzer', 'current'])
      .where('signature', '=', 'sig-c2')
      .execute();
    expect(rows.toSorted((one, other) => one.current - other.current)).toEqual([
      { analyzer: 'made-up-1', current: 0 },
      { analyzer: 'made-up-2', current: 1 },
    ]);
    expect(await talliesOf(store.db)).toEqual(await countAnew(store.db));
  });
});

it('ends what hangs, in a dump and before one is found, and does the others', async () => {
  const dumps = join(folder.path, 'hangs');
  writeDumps(dumps, { 'a.dmp': 'hang x', 'b.dmp': 'unpack-hang', 'c.dmp': 'ok sig-after' });
  const { run, problems } = await runFolder(store, dumps, { timeLimit: 1500 });
  expect(run.counts).toMatchObject({ filesDone: 3, analyzed: 1, failed: 1, problems: 1 });
  expect(problems.map(({ name, code }) => `${name.slice(-5)} ${code}`)).toEqual(['b.dmp TIME_LIMIT']);
  const { dumps: aside } = await listSetAside(store.db);
  expect(aside.find(({ source }) => source?.endsWith('hangs/a.dmp'))).toMatchObject({
    code: 'TIME_LIMIT',
    attempts: 2,
  });
});

it('records nothing of a file that was changed while it was read, and looks at it again', async () => {
  const dumps = join(folder.path, 'changing');
  writeDumps(dumps, { 'a.dmp': 'changed x', 'b.dmp': 'ok sig-before-it n=1\nchanged y' });
  const first = await runFolder(store, dumps);
  expect(first.run.counts).toMatchObject({ filesDone: 2, analyzed: 1, refused: 0, problems: 2 });
  expect(first.problems.map(({ code }) => code)).toEqual(['FILE_UNREADABLE', 'FILE_UNREADABLE']);
  writeDumps(dumps, { 'a.dmp': 'ok sig-after-it' });
  const second = await runFolder(store, dumps);
  expect(second.run.counts).toMatchObject({ analyzed: 1, known: 1, resumed: 0, problems: 1 });
  const { dumps: found } = await searchDumps(store.db, { text: 'sig-after-it' });
  expect(found).toHaveLength(1);
});

it('says again of files without a report that they have none', async () => {
  const dumps = join(folder.path, 'short');
  writeDumps(dumps, { 'a.dmp': 'refuse short', 'b.dmp': 'ok short\ncrash short', 'c.dmp': 'ok short-too' });
  const first = await runFolder(store, dumps);
  expect(first.run.counts).toMatchObject({ refused: 1, failed: 1, withoutBefore: 0, isShort: true });
  const second = await runFolder(store, dumps);
  expect(second.run.counts).toMatchObject({ resumed: 3, refused: 0, withoutBefore: 2, isShort: true });
  const third = await runFolder(store, join(dumps, 'c.dmp'));
  expect(third.run.counts).toMatchObject({ resumed: 1, isShort: false });
});

it('has the last result of a file before its end, however long its dump takes to be kept', async () => {
  const dumps = join(folder.path, 'kept');
  writeDumps(dumps, { 'a.dmp': 'ok kept-slowly n=1', 'b.dmp': 'ok kept-slowly n=2\nok kept-slowly n=3' });
  const keep = async (_path: string, { sha256 }: { readonly sha256: string }): Promise<string> => {
    await new Promise((resolve) => {
      setTimeout(resolve, 150);
    });
    return sha256;
  };
  const { run } = await runFolder(store, dumps, { keep });
  expect(run.counts).toMatchObject({ analyzed: 3 });
  expect((await searchDumps(store.db, { text: 'kept-slowly' })).total).toBe(3);
});
