import { relative } from 'node:path';
import { BaseSequencer } from 'vitest/node';
import { root } from './run.mjs';

/**
 * Test files that take longest, the longest first. The runner knows how long files took only where it has run before; a
 * fresh clone would start some of them last, and wait for them with one core idle.
 */
const slowest = [
  'test/verdict/verdict.test.ts',
  'test/cli/lab.test.ts',
  'packages/lab/src/scenarios/office-scenarios.test.ts',
  'test/transcripts/calls.test.ts',
  'packages/lab/src/scenarios/heap-scenarios.test.ts',
  'packages/lab/src/scenarios/scenarios.test.ts',
  'test/machines/machines.test.ts',
  'test/cli/symbols.test.ts',
  'test/cli/console.test.ts',
  'test/real/symbols.test.ts',
  'test/machines/pool-walk.test.ts',
  'test/verdict/signature.test.ts',
  'packages/lab/src/scenarios/special.test.ts',
  'packages/lab/src/segment-heap/back-end.test.ts',
  'test/verdict/schema.test.ts',
  'test/fuzz/loop.test.ts',
];

/**
 * @param {{ readonly moduleId: string }} file
 * @returns {number} place in the list; behind it for all others
 */
function rank(file) {
  const place = slowest.indexOf(relative(root, file.moduleId));
  return place < 0 ? slowest.length : place;
}

/** As usual, but the slowest first. */
export class SlowestFirst extends BaseSequencer {
  /**
   * @override
   * @param {Parameters<BaseSequencer['sort']>[0]} files
   */
  async sort(files) {
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
