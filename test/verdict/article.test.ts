import { BufferSource, openSession } from '@poolscope/engine';
import { dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { labSymbols } from '../bench/verdict/lab-symbols.ts';

/** What the report says of a crash of the article. */
async function verdictOn(name: string) {
  const machine = playScenario(scenarios.find((each) => each.name === name)!);
  const source = new BufferSource(dumpBytes(machine, { type: 'bitmap-kernel' }));
  const session = await openSession(source, { symbols: labSymbols(machine) });
  const { kind, block, damage, freedAddress, suspects } = session.analyze().report.verdict;
  return { kind, block, damage, freedAddress, culprit: suspects[0]?.module };
}

describe('the verdicts on the crashes of the article', () => {
  it('part 1: a text that ran out of its block', async () => {
    expect(await verdictOn('article-1')).toMatchObject({
      kind: 'pool-overrun',
      block: { address: '0xfffffa8001a1b000', size: 0x810, tag: 'None' },
      damage: { start: '0xfffffa8001a1b810', length: 48, pattern: 'text' },
      culprit: 'myfault.sys',
    });
  });

  it('part 2: the same at its guard page', async () => {
    expect(await verdictOn('article-2')).toMatchObject({
      kind: 'pool-overrun',
      block: { address: '0xfffff9800b5fe800', size: 0x800, allocator: 'special' },
      damage: null,
      culprit: 'myfault.sys',
    });
  });

  it('part 3: a block freed twice, with special pool and without', async () => {
    expect(await verdictOn('article-3')).toMatchObject({
      kind: 'double-free',
      freedAddress: '0xfffff9800a7fe800',
      culprit: 'myfault.sys',
    });
    expect(await verdictOn('article-3-plain')).toMatchObject({
      kind: 'double-free',
      block: { address: '0xfffffa8001b107f0', size: 0x810 },
      freedAddress: '0xfffffa8001b10800',
      culprit: 'myfault.sys',
    });
  });
});
