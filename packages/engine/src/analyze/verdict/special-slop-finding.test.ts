import { dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import { beforeAll, expect, it } from 'vitest';
import { BufferSource, openSession } from '../../index.ts';
import { builtInOwners } from '../../pool/index.ts';
import type { Finding } from './finding.ts';
import { damagedPage } from './special-slop-finding.ts';

/** Where the fourth parameter is in the header of a dump of x64. */
const subcodeAt = 0x58;
const subcodes = { underrun: 0x23n, oneBit: 0x32n };
const found: Finding[] = [];

type Played = ReturnType<typeof playScenario>;

/** What is found in a dump of a machine, its sub-code being another one. */
async function findIn(machine: Played, subcode: bigint): Promise<Finding> {
  const bytes = dumpBytes(machine, { type: 'full' });
  new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(subcodeAt, subcode, true);
  const { system } = await openSession(new BufferSource(bytes));
  return damagedPage({ system, fault: undefined, frames: [], owners: builtInOwners() })!;
}

/** Bytes in front of a block of special pool changed: all of them, and then one bit, which the machine took it for. */
beforeAll(async () => {
  const machine = playScenario(scenarios.find(({ name }) => name === 'special-slop-underrun')!);
  const { damage } = await findIn(machine, subcodes.underrun);
  found.push(await findIn(machine, subcodes.oneBit));
  const start = BigInt(damage!.start);
  const pattern = machine.space.read(start - 1n, 1)[0]!;
  machine.space.write(start, new Uint8Array(damage!.length!).fill(pattern));
  machine.space.write(start, Uint8Array.of(pattern ^ 0x10));
  found.push(await findIn(machine, subcodes.oneBit));
});

it('takes one bit for failing memory, and names the block beside it as the one that was hit', () => {
  expect(found[1]).toMatchObject({
    kind: 'single-bit-error',
    block: null,
    victims: [{ state: 'allocated' }],
    damage: { length: 1, pattern: 'bit' },
    suspects: [],
  });
});

it('does not call it a bit where more changed', () => {
  expect(found[0]).toMatchObject({ kind: 'stray-write', block: null, suspects: [] });
  expect(found[0]?.damage?.length).toBeGreaterThan(1);
});
