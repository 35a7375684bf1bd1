import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSession } from '@poolscope/engine';
import { dumpBytes, heapScenarios, playScenario, scenarios } from '@poolscope/lab';
import { FileSource } from '../../../packages/cli/src/io/file-source.ts';
import type { Table } from './tables.ts';

/** Pages of a gigabyte. */
const gigabyte = 0x4_0000;
const rounds = 3;
/** A verdict on such a dump takes less, in milliseconds. */
export const mostMilliseconds = 3000;

/** Stories that ask for little and for much: what the crash names, a search of all pool, and the same on a segment heap. */
const stories = ['overrun-text', 'use-after-free-parked', 'leak-nonpaged', 'chunk-overrun', 'slot-overrun'];

interface LargeResult {
  readonly story: string;
  readonly kind: string;
  /** Of the first verdict in the process, and of the fastest. */
  readonly first: number;
  readonly fastest: number;
}

/** Plays stories on machines of a gigabyte and times the verdicts on their complete dumps, read from files. */
export async function largeTable(): Promise<Table> {
  const folder = mkdtempSync(join(tmpdir(), 'poolscope-verdict-'));
  try {
    const results: LargeResult[] = [];
    for (const story of stories) results.push(await timeOne(join(folder, 'large.dmp'), story));
    return {
      title: `Milliseconds for a verdict on a complete dump of 1 GB, at most ${mostMilliseconds}`,
      heads: ['', 'verdict', 'first', 'fastest'],
      rows: results.map(({ story, kind, first, fastest }) => [
        story,
        kind,
        first.toFixed(0),
        fastest.toFixed(0),
      ]),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function timeOne(path: string, story: string): Promise<LargeResult> {
  const scenario = [...scenarios, ...heapScenarios].find(({ name }) => name === story)!;
  const machine = playScenario(scenario, { seed: 2, memoryPages: gigabyte });
  writeFileSync(path, dumpBytes(machine, { type: 'full' }));
  const times: number[] = [];
  let kind = '';
  for (let round = 0; round < rounds; round++) {
    const source = new FileSource(path);
    const session = await openSession(source, { path });
    const start = performance.now();
    kind = session.analyze().report.verdict.kind;
    times.push(performance.now() - start);
    source.close();
  }
  return { story, kind, first: times[0]!, fastest: Math.min(...times) };
}
