import { dumpBytes, type Machine, playScenario, scenarios } from '@poolscope/lab';
import { expect, it } from 'vitest';
import { BufferSource, openSession } from '../../index.ts';
import { builtInOwners } from '../../pool/index.ts';
import { powerFinding } from './power-finding.ts';
import type { Scene } from './scene.ts';

const held = playScenario(scenarios.find(({ name }) => name === 'power-irp-held')!);

/** Where the header of a dump of 64 bits keeps the first of the bug check's parameters. */
const firstParameter = 0x40;

async function sceneOf(machine: Machine, parameters: readonly (bigint | undefined)[] = []): Promise<Scene> {
  const bytes = dumpBytes(machine, { type: 'bitmap-kernel' });
  const header = new DataView(bytes.buffer, bytes.byteOffset);
  for (const [index, value] of parameters.entries())
    if (value !== undefined) header.setBigUint64(firstParameter + 8 * index, value, true);
  const { system } = await openSession(new BufferSource(bytes));
  return { system, fault: undefined, frames: [], owners: builtInOwners() };
}

const parametersOf = ({ system }: Scene): readonly bigint[] => system.target.dump.header.bugCheckParameters;

it('names the driver at whose device the request is, by commands that show it', async () => {
  const scene = await sceneOf(held);
  const finding = powerFinding(scene)!;
  const { culprit } = held.truth.scenario!;
  expect(finding).toMatchObject({ kind: 'not-pool', block: null, damage: null });
  expect(finding.suspects).toMatchObject([{ module: culprit, rule: 'holds-request' }]);
  expect(finding.grounds[0]!.command).toMatch(/^!irp \w+; !devobj \w+; lm a \w+$/);
});

it('names nobody where the request is not in the dump', async () => {
  expect(
    powerFinding(await sceneOf(held, [undefined, undefined, undefined, 0xffff_fa80_dead_0000n])),
  ).toBeUndefined();
});

it('names nobody where the place of the request is behind its stack', async () => {
  const scene = await sceneOf(held);
  const irp = parametersOf(scene)[3]!;
  const at = irp + BigInt(scene.system.structures.find('_IRP')!.member('CurrentLocation')!.offset);
  const before = held.space.read(at, 1);
  held.space.write(at, Uint8Array.of(0x7f));
  try {
    expect(powerFinding(await sceneOf(held))).toBeUndefined();
  } finally {
    held.space.write(at, before);
  }
});

it('takes the device of the sub-codes that name that of the driver at fault, and of no others', async () => {
  const scene = await sceneOf(held);
  const finding = powerFinding(scene)!;
  const device = BigInt(`0x${/!devobj (\w+)/.exec(finding.grounds[0]!.command)![1]!}`);
  const named = powerFinding(await sceneOf(held, [1n, device, 0n, 0n]))!;
  expect(named.suspects).toMatchObject([
    { module: held.truth.scenario!.culprit, because: 'owns the device' },
  ]);
  expect(powerFinding(await sceneOf(held, [6n, device, 0n, 0n]))).toBeUndefined();
});
