import { BufferSource, openSession } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { checkDump, kernelDump } from '../../test/scenario-checks.ts';
import { useSegmentHeaps } from '../segment-heaps.ts';
import { dumpBytes } from '../write-dump.ts';
import { knowableFrom } from './knowable.ts';
import { playScenario } from './play-scenario.ts';
import { unloadedDrivers } from './unloaded.ts';

useSegmentHeaps();

const named = (name: string) => unloadedDrivers.find((each) => each.name === name)!;
const module = 'hotplug.sys';

describe.each([7601, 22_000])('work of a driver that was unloaded, on build %i', (build) => {
  const machine = playScenario(named('unloaded-worker'), { build, seed: 3 });
  const gone = machine.unloadedDrivers.at(-1)!;

  it('ends where its code was', () => {
    const [address, access, ip] = machine.bugCheck.parameters;
    expect(machine.bugCheck.code).toBe(0xce);
    expect(gone.name).toBe(module);
    expect(address! >= gone.start && address! < gone.end).toBe(true);
    expect(ip).toBe(address);
    expect(access).toBe(build < 10_240 ? 0n : 0x10n);
    expect(machine.space.pfnOf(address!)).toBeUndefined();
  });

  it('is read from the dump: the list of modules, the other list, the stack and the names', async () => {
    await checkDump(machine);
    const { system } = await openSession(new BufferSource(kernelDump(machine)), { path: 'x' });
    expect(system.modules.map(({ name }) => name)).not.toContain(module);
    expect(system.unloadedModules.map(({ name }) => name)).toContain(module);
    expect(machine.truth.system.drivers.map(({ name }) => name)).not.toContain('\\Driver\\hotplug');
  });

  it('is known from a small dump too', async () => {
    expect(knowableFrom(machine, { type: 'triage' })).toMatchObject({ kind: true, suspects: true });
    const small = dumpBytes(machine, { type: 'triage' });
    const { report } = (await openSession(new BufferSource(small), { path: 'x' })).analyze();
    expect(report.verdict.kind).toBe('not-pool');
    expect(report.verdict.suspects[0]?.module).toBe(module);
  });
});

describe('damage that an unloaded driver has left', () => {
  it('is met by another driver; who did it is not in memory any more', () => {
    const machine = playScenario(named('unloaded-overrun'));
    const { kind, culprit, block, damage, victims } = machine.truth.scenario!;
    expect([machine.bugCheck.code, kind, culprit]).toEqual([0xc2, 'pool-overrun', module]);
    expect(machine.truth.modules.map(({ baseName }) => baseName)).not.toContain(module);
    expect(machine.truth.frames.map((frame) => frame.function)).toContain('blkcache!BlkcacheDeviceControl');
    expect([block?.tag, block?.state, victims.length]).toEqual(['HpNm', 'allocated', 1]);
    expect(damage?.start).toBe(block!.address + BigInt(block!.size));
    expect(knowableFrom(machine, { type: 'full' })).toMatchObject({ damage: true, suspects: false });
  });

  it('stops the machine at once where the driver has special pool', () => {
    const verifier = { flags: 1, drivers: [module] };
    const machine = playScenario(named('unloaded-overrun'), { verifier });
    const { block, damage, victims } = machine.truth.scenario!;
    expect(machine.bugCheck.code).toBe(0xd6);
    expect([block?.allocator, damage, victims]).toEqual(['special', undefined, []]);
    expect(machine.truth.modules.map(({ baseName }) => baseName)).toContain(module);
  });

  it('is 0xC4/62 at the unload where its blocks are tracked', () => {
    const verifier = { flags: 8, drivers: [module] };
    const machine = playScenario(named('unloaded-overrun'), { verifier });
    expect([machine.bugCheck.code, machine.bugCheck.parameters[0]]).toEqual([0xc4, 0x62n]);
  });
});
