import { BufferSource, openSession } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { dumpContents } from './dump-contents.ts';
import { playScenario, scenarios } from './scenarios/index.ts';
import { type DumpOptions, dumpBytes } from './write-dump.ts';

const machine = playScenario(scenarios.find(({ name }) => name === 'overrun-byte')!, { build: 7601 });
const step = 16n;

/** Places all over the kernel's memory: three on each page, two of them across its edges. */
const places = [...machine.space.pages()]
  .filter(([va]) => va >= 1n << 63n)
  .flatMap(([va]) => [va, va + 0x7f8n, va + 0xff8n]);

describe.each<DumpOptions>([
  { type: 'full' },
  { type: 'bitmap-full' },
  { type: 'bitmap-kernel' },
  { type: 'header' },
  { type: 'triage', family: 'A' },
  { type: 'triage', family: 'B' },
  { type: 'triage', family: 'C' },
])('the contents of a dump %j', (options) => {
  it('are those that a reader finds', async () => {
    const contents = dumpContents(machine, options);
    const source = new BufferSource(dumpBytes(machine, options));
    const { memory } = (await openSession(source, {})).system;
    const told = places.filter((va) => contents.holds(va, Number(step)));
    const read = places.filter((va) => memory.tryRead(va, Number(step)) instanceof Uint8Array);
    expect(told.map((va) => va.toString(16))).toEqual(read.map((va) => va.toString(16)));
    expect(told.length > 0).toBe(options.type !== 'header');
  });
});
