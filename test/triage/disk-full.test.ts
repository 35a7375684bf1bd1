import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '@poolscope/triage';
import { afterAll, describe, expect, it } from 'vitest';
import { contentOf, runOnceScript, temporaryFolder, writeDumps } from './stores.ts';

/** A disk of a few pages for one command, where this user may make one. */
const withSmallDisk = (folder: string, kilobytes: number, command: string) =>
  spawnSync(
    'unshare',
    ['-Urm', 'sh', '-c', `mount -t tmpfs -o size=${kilobytes}k tmpfs "$0" && ${command}`, folder],
    { encoding: 'utf8' },
  );

const folder = temporaryFolder();
afterAll(() => folder.remove());
const disk = join(folder.path, 'disk');
mkdirSync(disk);
const hasDisks = withSmallDisk(disk, 64, 'true').status === 0;

describe.skipIf(!hasDisks)(`a full disk ${hasDisks ? '' : '(needs unshare with user namespaces)'}`, () => {
  it('ends the run with the reason, and what was recorded is whole', async () => {
    const dumps = join(folder.path, 'dumps');
    const line = (n: number) =>
      `ok sig-${n} n=${n} drivers=${Array.from({ length: 60 }, (_, k) => `d${n}x${k}.sys`).join(',')}`;
    writeDumps(dumps, Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`${n}.dmp`, line(n)])));
    const saved = join(folder.path, 'saved');
    mkdirSync(saved);
    const run = `"${process.execPath}" "${runOnceScript}" "${dumps}" "$0/x.sqlite"; code=$?; cp "$0"/x.sqlite* "${saved}"; exit $code`;
    const { status, stderr } = withSmallDisk(disk, 600, run);
    expect([status, stderr]).toEqual([1, expect.stringContaining('the disk is full')]);

    const files = readdirSync(saved).filter((name) => /\.sqlite(-wal)?$/.test(name));
    for (const name of files) copyFileSync(join(saved, name), join(folder.path, name));
    const store = await openDatabase(join(folder.path, 'x.sqlite'));
    const content = (await contentOf(store)) as Record<string, unknown[]>;
    await store.close();
    expect(content['tallies']).toEqual(content['counted']);
    expect(content['results']!.length).toBe(content['reports']!.length);

    const again = spawnSync(process.execPath, [runOnceScript, dumps, join(folder.path, 'x.sqlite')], {
      encoding: 'utf8',
    });
    const counts = JSON.parse(again.stdout.trim().split('\n').at(-1)!);
    expect(counts).toMatchObject({ filesDone: 150, analyzed: 150 - content['results']!.length });
  });
});
