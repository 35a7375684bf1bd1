import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BufferSource, openSession } from '../../packages/engine/src/index.ts';
import { readObjectHeader, solveTypeIndex } from '../../packages/engine/src/windows/index.ts';
import { hasShared, sharedPath } from '../shared-files.ts';

/** Indexes of the two types in Windows 8.1 and 10, by published lists of \ObjectTypes. */
const processType = 7;
const threadType = 8;

describe.skipIf(!hasShared)('object headers of real dumps', () => {
  it.each([
    ['criticalrocket_111317-52015-01.dmp', 'plain'],
    ['training_7e_1.dmp', 'disguised'],
    ['training_ef.dmp', 'disguised'],
  ])('%s: type indexes are %s', async (name, way) => {
    const bytes = readFileSync(sharedPath(`dumps/${name}`));
    const { system } = await openSession(new BufferSource(bytes), { path: name });
    const witnesses = (
      [
        [system.thread!.address, threadType],
        [system.process!.address, processType],
      ] as const
    ).map(([object, index]) => {
      const { address: header, typeIndex: stored } = readObjectHeader(system, object);
      return { header, stored: stored!, index };
    });
    const code = solveTypeIndex(witnesses, undefined);
    expect(code).toBeDefined();
    expect(code!.cookie === undefined).toBe(way === 'plain');
  });
});
