import { BufferSource, lineText, openSession, readIrp, readObject } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { MemoryView } from '../../test/memory-view.ts';
import { checkDump, checkTruth, kernelDump } from '../../test/scenario-checks.ts';
import { useSegmentHeaps } from '../segment-heaps.ts';
import { lateCalls } from './late-calls.ts';
import { playScenario } from './play-scenario.ts';

useSegmentHeaps();

const named = (name: string) => lateCalls.find((each) => each.name === name)!;
const ends: Readonly<Record<string, readonly string[]>> = {
  'dpc-null-context': [
    'nt!KeBugCheckEx',
    'nt!KiBugCheckDispatch',
    'nt!KiPageFault',
    'fanctl!FanctlSample',
    'nt!KiExecuteAllDpcs',
    'nt!KiRetireDpcList',
    'nt!KiIdleLoop',
  ],
  'power-irp-held': [
    'nt!KeBugCheckEx',
    'nt!PopIrpWatchdogBugcheck',
    'nt!PopIrpWatchdog',
    'nt!KiProcessExpiredTimerList',
    'nt!KiRetireDpcList',
    'nt!KiIdleLoop',
  ],
};

describe.each([
  ['dpc-null-context', 7601],
  ['dpc-null-context', 22_000],
  ['power-irp-held', 9200],
  ['power-irp-held', 19_041],
] as const)('%s on build %i', (name, build) => {
  const machine = playScenario(named(name), { build, seed: 6 });
  const opened = openSession(new BufferSource(kernelDump(machine)));

  it('ends in the idle thread, by way of a deferred call', () => {
    expect(machine.truth.frames.map((frame) => frame.function)).toEqual(ends[name]);
    checkTruth(machine);
  });

  it('can be read from its dump, stack and all', async () => {
    await checkDump(machine);
    const { system } = await opened;
    expect(system.thread?.address).toBe(machine.thread.va);
    expect(system.process?.name?.value).toBe('Idle');
  });
});

describe('a request for power that is held', () => {
  const machine = playScenario(named('power-irp-held'), { build: 19_041, seed: 6 });
  const opened = openSession(new BufferSource(kernelDump(machine)));
  const [kind, lowest, triage, address] = machine.bugCheck.parameters;
  const memory = new MemoryView(machine.space);

  it('is named by the bug check, with the lowest device of its stack', async () => {
    const { system } = await opened;
    expect([machine.bugCheck.code, kind]).toEqual([0x9f, 3n]);
    const { devices, drivers } = machine.truth.system;
    const device = devices.find(({ driver }) => driver === '\\Driver\\fanctl')!;
    expect(devices.find((each) => each.address === lowest)?.driver).toBe('\\Driver\\PnpManager');
    expect(readObject(system, lowest!).type?.name).toBe('Device');
    const irp = readIrp(system, address!);
    const { major, minor, device: holder } = irp.locations[irp.currentLocation! - 1]!;
    expect([major, minor, holder]).toEqual([0x16, 2, device.address]);
    expect(drivers.map((driver) => driver.name)).toContain('\\Driver\\PnpManager');
  });

  it('is marked as pending by its driver, which keeps it', async () => {
    const session = await opened;
    const held = machine.images.symbols.get('fanctl!Pending')!;
    expect(memory.u64(held)).toBe(address);
    const lines = session
      .execute(`!irp ${address!.toString(16)}`)
      .lines.map(lineText)
      .join('\n');
    expect(lines).toContain('IRP_MJ_POWER');
    expect(lines).toMatch(/\\Driver\\fanctl/);
  });

  it('has its triage data on the stack of the processor: signature, revision and lists', () => {
    const words = [memory.u16(triage!), memory.u16(triage! + 2n)];
    expect(words).toEqual([0x8000, 1]);
    expect([memory.u64(triage! + 8n), memory.u64(triage! + 0x10n)]).toEqual(
      ['nt!PopIrpList', 'nt!PopIrpThreadList'].map((name) => machine.images.address(name)),
    );
  });
});
