import { gzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { BufferSource } from '../io/index.ts';
import { type DumpSink, MemorySink } from './dump-sink.ts';
import { unpackDump } from './unpack.ts';
import type { UnpackOptions } from './unpack-options.ts';

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** A dump that deflates to about half. */
function makeDump(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0, state = 1; at < size; at++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[at] = (state >>> 16) & 0x0f;
  }
  bytes.set(ascii('PAGEDU64'));
  return bytes;
}

const dump = makeDump(3 << 20);
const makeSink = () => new MemorySink(8 << 20);
const unpack = (bytes: Uint8Array, options: Partial<UnpackOptions> = {}) =>
  unpackDump(new BufferSource(bytes), { makeSink, ...options });

/** A sink that tells what was done to it. */
function makeWitness(onWrite = () => {}): { sink: DumpSink; calls: string[] } {
  const calls: string[] = [];
  const sink: DumpSink = {
    write: () => {
      calls.push('write');
      onWrite();
    },
    finish: () => {
      calls.push('finish');
      return new BufferSource(new Uint8Array(0));
    },
    discard: () => calls.push('discard'),
  };
  return { sink, calls };
}

describe('unpackDump', () => {
  it.each([
    ['a dump', ascii('PAGEDU64 and so on')],
    ['text', ascii('hello')],
    ['an empty file', new Uint8Array(0)],
  ])('gives %s itself, without a sink', async (_, bytes) => {
    const source = new BufferSource(bytes);
    const never = () => {
      throw new Error('no sink is needed');
    };
    expect(await unpackDump(source, { makeSink: never })).toEqual({ source });
  });

  it('names archives that it does not open', async () => {
    await expect(unpack(ascii('Rar!\x1a\x07\x01\0...'))).rejects.toMatchObject({
      code: 'ARCHIVE_UNSUPPORTED',
    });
  });

  it.each([
    ['gz', gzipSync(dump, { filename: 'a.dmp' }), undefined],
    ['zip', zipSync({ 'a.dmp': dump }), dump.length],
  ])('tells the sink what a %s archive says of the dump', async (_, archive, size) => {
    const hints: unknown[] = [];
    await unpack(archive, {
      makeSink: (hint) => {
        hints.push(hint);
        return makeSink();
      },
    });
    expect(hints).toEqual([{ name: 'a.dmp', size }]);
  });

  it.each([
    ['gz', gzipSync(dump)],
    ['zip', zipSync({ 'a.dmp': dump })],
    ['stored zip', zipSync({ 'a.dmp': dump }, { level: 0 })],
  ])('shows progress through a %s archive in packed bytes', async (_, archive) => {
    const dones: number[] = [];
    const totals: number[] = [];
    await unpack(archive, {
      onProgress: (done, total) => {
        dones.push(done);
        totals.push(total);
      },
    });
    expect(dones.length).toBeGreaterThan(5);
    expect(dones).toEqual([...dones].sort((a, b) => a - b));
    expect(dones.at(-1)).toBe(totals.at(-1));
    expect(totals.at(-1)).toBeGreaterThan(archive.length - 200);
  });

  it('waits for a host that wants to do something between pieces', async () => {
    let running = 0;
    let most = 0;
    await unpack(gzipSync(dump), {
      onProgress: async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
      },
    });
    expect({ running, most }).toEqual({ running: 0, most: 1 });
  });

  it.each([
    ['gz', gzipSync(dump)],
    ['zip', zipSync({ 'a.dmp': dump })],
  ])('stops in the middle of a %s archive when asked, and discards', async (_, archive) => {
    const signal = { aborted: false };
    const { sink, calls } = makeWitness(() => {
      signal.aborted = true;
    });
    await expect(unpack(archive, { makeSink: () => sink, signal })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
    expect(calls.at(-1)).toBe('discard');
    expect(calls.length).toBeLessThan(4);
  });

  it('stops while it is still looking for the dump', async () => {
    const archive = zipSync({ 'a.txt': ascii('a'), 'b.dmp': dump });
    await expect(unpack(archive, { signal: { aborted: true } })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
  });

  it('finishes the sink once, and does not discard it', async () => {
    const { sink, calls } = makeWitness();
    await unpack(gzipSync(dump), { makeSink: () => sink });
    expect(calls.filter((call) => call !== 'write')).toEqual(['finish']);
  });

  it('discards the sink and passes its error on', async () => {
    const { sink, calls } = makeWitness(() => {
      throw new Error('disk on fire');
    });
    await expect(unpack(zipSync({ 'a.dmp': dump }), { makeSink: () => sink })).rejects.toThrow(
      'disk on fire',
    );
    expect(calls).toEqual(['write', 'discard']);
  });
});
