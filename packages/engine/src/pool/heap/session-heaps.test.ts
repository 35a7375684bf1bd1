import { describe, expect, it } from 'vitest';
import { PlantedHeaps } from '../../../test/heap-memory.ts';
import type { Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import { WalkBudget } from '../walk/walk-budget.ts';
import { describeHeap } from './describe-heap.ts';
import type { HeapPage } from './heap-block.ts';
import { poolOfHeap } from './heap-text.ts';
import { walkHeaps } from './walk-heaps.ts';

const builds = [18_362, 19_041, 20_348, 22_000] as const;
const process = 0xffff_8a80_0200_0080n;
const space = 0xffff_d41c_4000_0000n;
const state = 0xffff_8a80_0300_0000n;
const [paged, special] = [0xffff_d41c_5000_0000n, 0xffff_d41c_6000_0000n];
const segment = 0xffff_d41c_5010_0000n;

/** A kernel whose process is in session 3, with the heaps of that. */
function planted(
  build: number,
  { globals, session = space }: { globals?: Va; session?: Va } = {},
): PlantedHeaps {
  const heaps = new PlantedHeaps(build);
  const { memory, kernel } = heaps;
  for (const [at, name] of [
    [process, '_EPROCESS'],
    [space, '_MM_SESSION_SPACE'],
    [state, '_EX_HEAP_SESSION_STATE'],
  ] as const)
    memory.map(at, heaps.structures.find(name)?.size ?? 0x1000);
  heaps.pointer(heaps.member('_EPROCESS', process, 'Session'), session);
  heaps.set('_MM_SESSION_SPACE', space, { SessionId: 3, HeapState: state });
  heaps.pointer(state, globals ?? heaps.globals);
  for (const heap of [paged, special]) heaps.addHeap(heap, '', 0);
  heaps.set('_EX_HEAP_SESSION_STATE', state, { PagedHeap: paged, SpecialPoolHeap: special });
  const at = segment + 0x2000n;
  heaps.addSegment(segment, [{ index: 2, units: 1, type: 'vs' }], 0, paged);
  heaps.addSubsegment(at, [
    { size: 0x500, tag: 'Gla1', type: 0x23 },
    { size: 0xad0, tag: 'Uswc', type: 0x23 },
  ]);
  Object.assign(kernel, { process: { address: process } });
  return heaps;
}

describe.each(builds)('heaps of sessions of build %i', (build) => {
  it('SH-29: HeapState of the session leads to them', () => {
    const { heaps } = planted(build).heaps();
    const from = 'HeapState of session 3';
    const own = heaps.filter(({ role }) => role === 'session');
    expect(own).toMatchObject([
      { address: paged, isSpecial: false, isPaged: true, signature: 'right', from },
      { address: special, isSpecial: true, isPaged: true, signature: 'right', from },
    ]);
    expect(own.map(poolOfHeap)).toEqual(['paged-session', 'special']);
  });

  it('SH-29: their blocks are told and walked as those of other heaps', () => {
    const { kernel } = planted(build);
    const report = runToEnd(describeHeap(kernel, segment + 0x2060n));
    expect(report.region.name).toBe('paged-session');
    expect(report.page).toMatchObject({ verdict: 'whole' });
    expect(report.block).toMatchObject({ tag: 'Gla1', state: 'allocated' });
    const tags: (string | undefined)[] = [];
    Object.assign(kernel.target.dump, { file: { size: 0x10_0000 } });
    const visitor = { page: ({ blocks }: HeapPage) => tags.push(...blocks.map(({ tag }) => tag)) };
    runToEnd(walkHeaps(kernel, { pools: ['paged-session'] }, new WalkBudget(kernel), visitor));
    expect(tags).toContain('Uswc');
  });

  it('SH-29: a state that leads to other keys, or no session, gives none', () => {
    const roles = (heaps: PlantedHeaps) => heaps.heaps().heaps.map(({ role }) => role);
    expect(roles(planted(build, { globals: 0xffff_8a00_0000_1000n }))).not.toContain('session');
    expect(roles(planted(build, { session: 0n }))).not.toContain('session');
  });
});

it('SH-29: without the state of the pool the heaps themselves have to prove it', () => {
  const heaps = planted(19_041);
  heaps.pointer(heaps.state, 0n);
  const roles = (): unknown[] => heaps.heaps().heaps.map(({ role }) => role);
  expect(roles()).toEqual(['session', 'session']);
  const wrong = planted(19_041);
  wrong.pointer(wrong.state, 0n);
  wrong.set('_SEGMENT_HEAP', paged, { Signature: 0 });
  wrong.set('_SEGMENT_HEAP', special, { Signature: 0 });
  expect(wrong.heaps().heaps).toEqual([]);
});
