import { dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import { expect, it } from 'vitest';
import { BufferSource, openSession, type Session } from '../../index.ts';
import { runToEnd } from '../../memory/index.ts';
import { builtInOwners, reportPoolUse } from '../../pool/index.ts';
import { leakFinding } from './leak-finding.ts';

/** A machine whose pool is whole, with one entry of the account by tag changed. */
async function withEntry(values: Readonly<Record<string, bigint>>): Promise<Session> {
  const machine = playScenario(scenarios.find(({ name }) => name === 'healthy-interrupt')!);
  const open = () => openSession(new BufferSource(dumpBytes(machine, { type: 'bitmap-kernel' })));
  const { system } = await open();
  const type = system.structures.find('_POOL_TRACKER_TABLE')!;
  const table = machine.space.read(machine.truth.symbols.get('nt!PoolTrackTable')!, 8);
  const start = new DataView(table.buffer).getBigUint64(0, true);
  for (const [name, value] of Object.entries(values)) {
    const { offset, size } = type.member(name)!;
    const bytes = new Uint8Array(BigUint64Array.of(value).buffer).subarray(0, size);
    machine.space.write(start + BigInt(7 * type.size + offset), bytes);
  }
  return open();
}

it('an account that the descriptors of the pool do not share is no leak', async () => {
  const tag = BigInt(new DataView(Uint8Array.from('Leak', (c) => c.charCodeAt(0)).buffer).getUint32(0, true));
  const counts = { NonPagedAllocs: 0x1000n, NonPagedFrees: 0n, NonPagedBytes: 0x4000_0000n };
  const session = await withEntry({ Key: tag, ...counts });
  const { tags } = runToEnd(reportPoolUse(session.system));
  expect(tags.find((each) => each.tag === 'Leak')?.nonPaged.bytes).toBe(0x4000_0000n);
  const scene = { system: session.system, fault: undefined, frames: [], owners: builtInOwners() };
  expect(leakFinding(scene)).toBeUndefined();
});
