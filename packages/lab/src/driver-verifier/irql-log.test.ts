import { BufferSource, lineText, openSession } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { MemoryView } from '../../test/memory-view.ts';
import { StructureTable } from '../machine/structure-table.ts';
import { type Control, Driver, type Routine, RunningMachine, SystemStopped } from '../run/index.ts';
import { useSegmentHeaps } from '../segment-heaps.ts';
import { dumpBytes } from '../write-dump.ts';
import { irqlLogLength, verifierFlags } from './index.ts';

useSegmentHeaps();

const build = 19_041;
const controls = { change: 4, lowerByRaise: 8, raiseByLower: 12, stop: 16 };

/** Changes the IRQL as drivers do: through the kernel. */
class Switcher extends Driver {
  override readonly name = 'switcher';

  override controls(): readonly Control[] {
    return [
      {
        code: controls.change,
        body: (routine: Routine) => {
          const old = routine.result('nt!KfRaiseIrql', 2);
          routine.call('nt!KeLowerIrql', old);
        },
      },
      {
        code: controls.lowerByRaise,
        body: (routine: Routine) => {
          routine.call('nt!KfRaiseIrql', 2);
          routine.call('nt!KfRaiseIrql', 1);
        },
      },
      { code: controls.raiseByLower, body: (routine: Routine) => routine.call('nt!KeLowerIrql', 2) },
      { code: controls.stop, body: (routine: Routine) => routine.breakpoint() },
    ];
  }
}

const start = (flags: number): RunningMachine =>
  new RunningMachine({
    build,
    drivers: [new Switcher()],
    verifier: { flags, drivers: ['switcher.sys'] },
  });

const control = (machine: RunningMachine, code: number) =>
  machine.deviceControl({ driver: 'switcher', code });

/** The machine as it stopped. */
function stopped(machine: RunningMachine, code: number) {
  expect(() => control(machine, code)).toThrow(SystemStopped);
  return machine.finish();
}

describe('forced checks of the IRQL', () => {
  it('log each change with the way to it, newest in the place of the oldest', () => {
    const machine = start(verifierFlags.forceIrql);
    const rounds = irqlLogLength / 2 + 3;
    for (let round = 0; round < rounds; round++) expect(control(machine, controls.change)).toBe(0);
    expect(machine.cpu.irql).toBe(0);
    const memory = new MemoryView(machine.space);
    const tables = new StructureTable('x64', build);
    const at = (name: string) => BigInt(tables.offset('_VI_TRACK_IRQL', name)!);
    expect(memory.u32(machine.address('nt!ViTrackIrqlQueueLength'))).toBe(0x100);
    const count = memory.u32(machine.address('nt!ViTrackIrqlIndex'));
    expect(count).toBe(2 * rounds);
    const base = machine.readPointer('nt!ViTrackIrqlQueue');
    const newest = base + BigInt((count % irqlLogLength) * tables.size('_VI_TRACK_IRQL')!);
    expect([memory.bytes(newest + at('OldIrql'), 1)[0], memory.bytes(newest + at('NewIrql'), 1)[0]]).toEqual([
      2, 0,
    ]);
    const caller = memory.u64(newest + at('StackTrace'));
    const image = machine.address('switcher!SwitcherDeviceControl');
    expect(caller > image && caller < image + 0x400n).toBe(true);
    const data = machine.address('nt!MmVerifierData');
    const raises = data + BigInt(tables.offset('_MM_DRIVER_VERIFIER_DATA', 'RaiseIrqls')!);
    expect(memory.u32(raises)).toBe(rounds);
  });

  it('are read back from the dump', async () => {
    const machine = start(verifierFlags.forceIrql);
    control(machine, controls.change);
    const dump = dumpBytes(stopped(machine, controls.stop), { type: 'bitmap-kernel' });
    const session = await openSession(new BufferSource(dump));
    const ring = machine.readPointer('nt!ViTrackIrqlQueue');
    expect(ring).not.toBe(0n);
    const bytes = session
      .execute(`db ${ring.toString(16)}+38+8 L2`)
      .lines.map(lineText)
      .join('\n');
    expect(bytes).toContain('00 02');
  });

  it.each([
    [controls.lowerByRaise, 0x30n, 2n, 1n],
    [controls.raiseByLower, 0x31n, 0n, 2n],
  ])('stop the machine where a change goes the wrong way (%i)', (code, kind, from, to) => {
    const { bugCheck, truth } = stopped(start(verifierFlags.forceIrql), code);
    expect([bugCheck.code, ...bugCheck.parameters.slice(0, 3)]).toEqual([0xc4, kind, from, to]);
    expect(truth.frames.slice(1, 4).map((frame) => frame.function)).toEqual([
      'nt!VerifierBugCheckIfAppropriate',
      kind === 0x30n ? 'nt!VerifierKfRaiseIrql' : 'nt!VerifierKeLowerIrql',
      'switcher!SwitcherDeviceControl',
    ]);
  });

  it('keep no log where they are not forced', () => {
    const machine = start(verifierFlags.poolTracking);
    control(machine, controls.change);
    expect(machine.readPointer('nt!ViTrackIrqlQueue')).toBe(0n);
  });
});
