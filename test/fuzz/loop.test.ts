import { describe, expect, it } from 'vitest';
import { watch } from './watch.mjs';

const planted = (name: string) => new URL(`planted/${name}.mjs`, import.meta.url).href;

describe('the fuzz loop', () => {
  it('finds a magic of four bytes by coverage alone, and cuts the input down to it', async () => {
    const { finds } = await watch({ file: planted('magic'), seed: 1, iterations: 400_000, replay: [] });
    expect(finds).toMatchObject([
      { kind: 'exception', message: expect.stringContaining('TypeError: planted') },
    ]);
    expect([...finds[0]!.bytes]).toEqual([80, 79, 79, 76]);
  });

  it('does the same with the same seed', async () => {
    const job = { file: planted('magic'), seed: 5, iterations: 20_000, replay: [] };
    const [first, second] = [await watch(job), await watch(job)];
    expect(first.result).toEqual(second.result);
    expect(first.result?.runs).toBe(20_000);
  });

  it('ends a run that does not end, and keeps its input', async () => {
    const job = { file: planted('hang'), seed: 1, iterations: 10_000, replay: [] };
    const { finds, result } = await watch(job, { hangSeconds: 1 });
    expect(finds.map(({ kind }) => kind)).toEqual(['hang']);
    expect([...finds[0]!.bytes]).toContain(0);
    expect(result).toBeUndefined();
  });

  it('finds an allocation that a number of the input decides', async () => {
    const { finds } = await watch({ file: planted('memory'), seed: 1, iterations: 2_000, replay: [] });
    expect(finds.map(({ kind }) => kind)).toEqual(['memory']);
  });

  it('survives a run that uses up the heap, and keeps its input', async () => {
    const job = { file: planted('heap'), seed: 1, iterations: 20_000, replay: [] };
    const { finds } = await watch(job, { heapMegabytes: 32 });
    expect(finds.map(({ kind, bytes }) => [kind, bytes[0]])).toEqual([['memory', 1]]);
  });

  it('takes a DebuggerError for an answer', async () => {
    const { finds, result } = await watch({
      file: planted('answers'),
      seed: 1,
      iterations: 2_000,
      replay: [],
    });
    expect(finds).toEqual([]);
    expect(result?.runs).toBe(2_000);
  });

  it('runs the inputs of the corpus again', async () => {
    const replay = [Uint8Array.of(1, 2), Uint8Array.of(80, 79, 79, 76)];
    const { finds } = await watch({ file: planted('magic'), seed: 1, iterations: 100, replay });
    expect(finds.map(({ bytes }) => [...bytes])).toEqual([[80, 79, 79, 76]]);
  });
});
