import { readdirSync } from 'node:fs';
import { checkPool, findPoolBlocks, runToEnd, type Session, tagPattern } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { poolFormat } from '../../packages/engine/src/pool/format.ts';
import { readPoolPage } from '../../packages/engine/src/pool/read-pool-page.ts';
import { judgePage } from '../../packages/engine/src/pool/walk/judge-page.ts';
import { hasShared, openShared, sharedPath } from '../shared-files.ts';

/** Pages of the kernel of which some bytes are in a small dump. */
function pagesOf({ system: { memory } }: Session): bigint[] {
  const pages = new Set<bigint>();
  for (
    let va = memory.nextCandidate(0xffff_8000_0000_0000n);
    va !== undefined;
    va = memory.nextCandidate(va)
  ) {
    const page = va & ~0xfffn;
    for (let next = page; memory.tryRead(next, 1) instanceof Uint8Array || next === page; next += 0x1000n)
      pages.add(next);
  }
  return [...pages];
}

describe.skipIf(!hasShared)('pool of real dumps', () => {
  it.each(['criticalrocket_111317-52015-01.dmp', 'criticalrocket_111417-173000-01.dmp'])(
    '%s: whole',
    async (name) => {
      const { system } = await openShared(name);
      expect(runToEnd(checkPool(system)).pages).toMatchObject({ whole: 2, damaged: 0, incomplete: 0 });
    },
  );

  it('every block with a tag is found', async () => {
    const { system } = await openShared('criticalrocket_111417-173000-01.dmp');
    const { blocks } = runToEnd(findPoolBlocks(system, { tag: tagPattern('Sema')!, pools: ['nonpaged'] }));
    expect(
      blocks
        .filter(({ block }) => block.address >> 12n === 0xffff_e000_cfce_en)
        .map(({ block }) => block.address & 0xfffn),
    ).toEqual([0x290n, 0x310n, 0x680n]);
  });

  it('no page of any dump is taken for damaged pool, whatever its kernel keeps there', async () => {
    const names = readdirSync(sharedPath('dumps')).filter((name) => name.endsWith('.dmp'));
    let looked = 0;
    for (const name of names) {
      const session = await openShared(name).catch(() => undefined);
      if (session === undefined) continue;
      const format = poolFormat(session.system);
      for (const va of pagesOf(session)) {
        const page = readPoolPage(session.system, va);
        expect(judgePage(page, format, { told: false, noBig: false }), `${name} ${va.toString(16)}`).not.toBe(
          'damaged',
        );
        looked++;
      }
    }
    expect(looked).toBeGreaterThan(200);
  });
});
