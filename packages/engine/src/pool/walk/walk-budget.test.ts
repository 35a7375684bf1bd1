import { buildMachine, dumpBytes } from '@poolscope/lab';
import { expect, it } from 'vitest';
import type { PhysicalMemory } from '../../dump/index.ts';
import { BufferSource, openSession } from '../../index.ts';
import { runToEnd } from '../../memory/index.ts';
import { PagedMemory } from '../../mmu/index.ts';
import { type CensusTaker, checkPool, findPoolBlocks, tagPattern, takeCensus } from '../index.ts';

const pageSize = 0x1000;
const valid = 0x63n;

/** Address of a page of zeros that is in the dump. */
function emptyPage(physical: PhysicalMemory, dump: Uint8Array): bigint {
  for (const { base, count } of physical.pages.runs())
    for (let pfn = base; pfn < base + count; pfn++) {
      const at = physical.offsetOf(pfn * pageSize);
      if (dump.subarray(at, at + pageSize).every((byte) => byte === 0)) return BigInt(pfn * pageSize);
    }
  throw new Error('no page is empty');
}

/**
 * A dump whose table of nonpaged pool leads to itself from its second entry on: as directory and as table it is its own
 * page, so that 512 GB seem to be there. Its entries lead to itself, or to a page of zeros.
 */
async function open(kind: 'itself' | 'zeros') {
  const machine = buildMachine({ build: 7601 });
  const dump = dumpBytes(machine, { type: 'bitmap-kernel' });
  const session = await openSession(new BufferSource(dump));
  const { memory, target } = session.system;
  if (!(memory instanceof PagedMemory)) throw new Error('the dump has page tables');
  const [block] = machine.truth.pool!.blocks;
  const [root, upper] = memory.translate(block!.header).entries;
  const frame = root!.value! & 0x000f_ffff_ffff_f000n;
  const view = new DataView(dump.buffer, dump.byteOffset);
  const at = target.dump.physical!.offsetOf(Number(frame));
  const used = Number((block!.header >> 30n) & 0x1ffn);
  expect(view.getBigUint64(at + used * 8, true)).toBe(upper!.value);
  const empty = kind === 'itself' ? frame : emptyPage(target.dump.physical!, dump);
  for (let index = 0; index < 512; index++) {
    const to = index % 2 === 0 ? empty : frame;
    if (index !== used) view.setBigUint64(at + index * 8, to | valid, true);
  }
  return { session: await openSession(new BufferSource(dump)), size: dump.length };
}

it.each(['itself', 'zeros'] as const)(
  'page tables that lead to %s end every walk, which says so',
  async (kind) => {
    const { session, size } = await open(kind);
    const most = 3 * size + 0x400_0000;
    const check = runToEnd(checkPool(session.system));
    expect(check.cut).toContain('more memory than this dump holds');
    expect(check.bytes).toBeLessThan(most);
    const found = runToEnd(
      findPoolBlocks(session.system, { tag: tagPattern('Zzz?')!, pools: ['nonpaged', 'paged', 'special'] }),
    );
    expect(found.cut).toBe(check.cut);
    expect(found.bytes).toBeLessThan(most);
    const census = runToEnd(takeCensus(session.system, nobody));
    expect(census.cut).toBe(check.cut);
    expect(census.pages).toBeLessThan((2 * most) / pageSize);
  },
);

it('an honest dump is walked to its end', async () => {
  const machine = buildMachine({ build: 7601 });
  const session = await openSession(new BufferSource(dumpBytes(machine, { type: 'full' })));
  expect(runToEnd(checkPool(session.system)).cut).toBeUndefined();
  expect(runToEnd(takeCensus(session.system, nobody)).cut).toBeUndefined();
});

/** Takes a census, and keeps nothing. */
const nobody: CensusTaker = { page: () => undefined, part: () => undefined, isFull: false };
