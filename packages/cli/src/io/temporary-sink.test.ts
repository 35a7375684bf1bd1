import * as fs from 'node:fs';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ByteSource, equalBytes } from '@poolscope/engine';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { exitCleanup } from './exit-cleanup.ts';
import { TemporarySink, type TemporarySinkOptions } from './temporary-sink.ts';

/** What the system is made to answer, instead of what it would. */
const system = vi.hoisted(() => ({
  writeSync: undefined as
    | ((descriptor: number, bytes: Uint8Array, from: number, length: number, at: number) => number)
    | undefined,
  unlinkSync: undefined as (() => void) | undefined,
  statfsSync: undefined as (() => { bavail: number; bsize: number }) | undefined,
}));
vi.mock('node:fs', async (load) => {
  const actual = await load<typeof fs>();
  const either =
    (name: keyof typeof system) =>
    (...call: unknown[]) =>
      ((system[name] ?? actual[name]) as (...call: unknown[]) => unknown)(...call);
  return {
    ...actual,
    writeSync: either('writeSync'),
    unlinkSync: either('unlinkSync'),
    statfsSync: either('statfsSync'),
  };
});

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'poolscope-test-'));
});
afterEach(() => {
  Object.assign(system, { writeSync: undefined, unlinkSync: undefined, statfsSync: undefined });
  rmSync(directory, { recursive: true, force: true });
});

const makeSink = (options: TemporarySinkOptions = {}) =>
  new TemporarySink({ memoryLimit: 100, directory, ...options });
const counted = (size: number, from = 0) => Uint8Array.from({ length: size }, (_, i) => (from + i) * 7);

function contentOf(source: ByteSource): Uint8Array {
  const bytes = new Uint8Array(source.size);
  expect(source.readInto(0, bytes)).toBe(source.size);
  return bytes;
}

const fail = (code: string) => () => {
  throw Object.assign(new Error(code), { code });
};
const failing = (code: string, words: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(words) });

describe('TemporarySink', () => {
  it('keeps a small dump in memory', () => {
    system.writeSync = fail('EIO');
    const sink = makeSink();
    sink.write(counted(60));
    sink.write(counted(40, 60));
    expect(contentOf(sink.finish())).toEqual(counted(100));
    sink.discard();
  });

  it('moves a larger dump to a file, whole', () => {
    const sink = makeSink();
    for (let at = 0; at < 1000; at += 60) sink.write(counted(Math.min(60, 1000 - at), at));
    const source = sink.finish();
    expect(contentOf(source)).toEqual(counted(1000));
    expect(source.readInto(990, new Uint8Array(20))).toBe(10);
    expect(source.readInto(1000, new Uint8Array(20))).toBe(0);
    expect(source.readInto(-1, new Uint8Array(20))).toBe(0);
    sink.discard();
  });

  it('moves more than one piece', () => {
    const sink = makeSink({ memoryLimit: 5 << 19 });
    const all = counted(3 << 20);
    for (let at = 0; at < all.length; at += 1 << 19) sink.write(all.subarray(at, at + (1 << 19)));
    expect(equalBytes(contentOf(sink.finish()), all)).toBe(true);
    sink.discard();
  });

  it('writes on where the system wrote only a part', async () => {
    const { writeSync } = await vi.importActual<typeof fs>('node:fs');
    let calls = 0;
    system.writeSync = (descriptor, bytes, from, length, at) => {
      calls++;
      return writeSync(descriptor, bytes, from, Math.min(3, length), at);
    };
    const sink = makeSink();
    sink.write(counted(150));
    expect(contentOf(sink.finish())).toEqual(counted(150));
    expect(calls).toBe(50);
    sink.discard();
  });

  it.skipIf(process.platform === 'win32')(
    'has no file that anybody could find or that could be left behind',
    () => {
      const sink = makeSink();
      sink.write(counted(200));
      expect(readdirSync(directory)).toEqual([]);
      expect(contentOf(sink.finish())).toEqual(counted(200));
      sink.discard();
    },
  );

  it('is not readable after discard', () => {
    const sink = makeSink();
    sink.write(counted(200));
    const source = sink.finish();
    sink.discard();
    sink.discard();
    expect(() => source.readInto(0, new Uint8Array(1))).toThrow(failing('FILE_UNREADABLE', 'closed'));
  });

  it('passes for finished without a byte', () => {
    const sink = makeSink();
    expect(sink.finish().size).toBe(0);
    sink.discard();
  });

  it.each([
    ['ENOSPC', 'ARCHIVE_TOO_LARGE', 'the disk is full after 0 bytes'],
    ['EDQUOT', 'ARCHIVE_TOO_LARGE', 'the disk quota is used up'],
    ['EIO', 'FILE_UNREADABLE', 'the disk reports an error'],
  ])('explains %s', (errno, code, words) => {
    system.writeSync = fail(errno);
    const sink = makeSink();
    expect(() => sink.write(counted(200))).toThrow(failing(code, words));
    sink.discard();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('explains a temporary directory that is not there', () => {
    const sink = makeSink({ directory: join(directory, 'absent') });
    expect(() => sink.write(counted(200))).toThrow(
      failing('FILE_UNREADABLE', 'absent cannot be used: there is no such file'),
    );
    sink.discard();
  });

  it('refuses a dump that the disk cannot hold, before it writes', () => {
    system.statfsSync = () => ({ bavail: 10, bsize: 4096 });
    system.writeSync = fail('EIO');
    const sink = makeSink({ expectedSize: 50_000 });
    expect(() => sink.write(counted(200))).toThrow(
      failing('ARCHIVE_TOO_LARGE', 'it has 50000 bytes, and 40960 are free'),
    );
    sink.discard();
  });

  it('tries where the system does not tell what is free', () => {
    system.statfsSync = fail('ENOSYS');
    const sink = makeSink({ expectedSize: 2 ** 60 });
    sink.write(counted(200));
    expect(contentOf(sink.finish())).toEqual(counted(200));
    sink.discard();
  });
});

describe('TemporarySink where names of open files stay', () => {
  /** Its file, made where the first try to remove the name fails. */
  function makeNamed(): TemporarySink {
    system.unlinkSync = fail('EBUSY');
    const sink = makeSink();
    sink.write(counted(200));
    system.unlinkSync = undefined;
    return sink;
  }

  it('has a file for this user only, until it is discarded', () => {
    const sink = makeNamed();
    const [name] = readdirSync(directory);
    expect(name).toMatch(/^poolscope-[0-9a-f]{24}\.dmp$/);
    expect(fs.statSync(join(directory, name!)).size).toBe(200);
    if (process.platform !== 'win32') expect(fs.statSync(join(directory, name!)).mode & 0o777).toBe(0o600);
    sink.discard();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('removes it at exit, unless that was done already', () => {
    const add = vi.spyOn(exitCleanup, 'add');
    const remove = vi.spyOn(exitCleanup, 'remove');
    makeNamed();
    const [atExit] = add.mock.calls[0]!;
    expect(readdirSync(directory)).toHaveLength(1);
    atExit();
    expect(readdirSync(directory)).toEqual([]);
    expect(remove).toHaveBeenCalledWith(atExit);
    vi.restoreAllMocks();
  });
});
