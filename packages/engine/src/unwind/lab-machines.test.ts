import { buildMachine, dumpBytes, type Machine, type TrueFrame } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { RegisterSet } from '../cpu/index.ts';
import { openDump } from '../dump/index.ts';
import { BufferSource } from '../io/index.ts';
import { BlockMemory, PagedMemory, type VirtualMemory } from '../mmu/index.ts';
import { MappedImage } from '../pe/index.ts';
import { type Frame, ModuleCodeMap, walkStack } from './index.ts';

/*
 * The lab runs threads on its own processors and writes images with its own unwind data; the walk has to find the
 * frames that were really there.
 */

const crashes = ['service-exception', 'page-fault', 'pool-free', 'system-thread'] as const;

/** Memory of a kernel dump, with unwind tables, or of a triage dump, without. */
function memoryOf(machine: Machine, kind: 'bitmap-kernel' | 'triage'): VirtualMemory {
  const dump = openDump(new BufferSource(dumpBytes(machine, { type: kind })));
  if (dump.physical === undefined) return new BlockMemory(dump.file, dump.blocks);
  const base = { machine: machine.architecture, directoryTableBase: Number(dump.header.directoryTableBase) };
  return new PagedMemory(dump.physical, { ...base, levels: 4, pae: true });
}

function walk(machine: Machine, kind: 'bitmap-kernel' | 'triage'): Frame[] {
  const memory = memoryOf(machine, kind);
  const code = new ModuleCodeMap(
    machine.truth.modules.map(({ base, size }) => ({
      base,
      size,
      image: new MappedImage(memory, base, size),
    })),
  );
  const { architecture, truth, stack } = machine;
  const mask = architecture === 'x86' ? 32 : 64;
  const start = Object.entries(truth.registers).map(
    ([name, value]) => [name, BigInt.asUintN(mask, value)] as const,
  );
  const stacks = [{ limit: stack.limit, base: stack.base }];
  return [
    ...walkStack(new RegisterSet(architecture, start), { machine: architecture, memory, code, stacks }),
  ];
}

const placeOf = ({ ip, sp }: Frame | TrueFrame): string => `${ip.toString(16)} ${sp.toString(16)}`;
const trapFrames = (frames: readonly (Frame | TrueFrame)[]): (bigint | undefined)[] =>
  frames.map(({ trapFrame }) => trapFrame);

describe.each(crashes)('a simulated crash (%s)', (crash) => {
  it('U-1 x64: unwind tables give every frame, its registers and its trap frame', () => {
    const machine = buildMachine({ architecture: 'x64', crash });
    const { frames } = machine.truth;
    const found = walk(machine, 'bitmap-kernel');
    expect(found.map(placeOf)).toEqual(frames.map(placeOf));
    expect(trapFrames(found)).toEqual(trapFrames(frames));
    expect(found.map(({ returnAddress }) => returnAddress).slice(0, -1)).toEqual(
      frames.slice(1).map(({ ip }) => ip),
    );
    found.forEach(({ trust, registers }, index) => {
      const truth = frames[index]!;
      expect(trust).toBe(truth.leftBy === 'call' ? 'unwind' : truth.leftBy);
      for (const [name, value] of registers.entries())
        expect([name, value]).toEqual([name, truth.registers[name] ?? value]);
    });
  });

  it('U-1 x64: a scan alone finds the same frames where the stack holds nothing else', () => {
    const machine = buildMachine({ architecture: 'x64', crash });
    const found = walk(machine, 'triage');
    expect(found.map(placeOf)).toEqual(machine.truth.frames.map(placeOf));
    expect(trapFrames(found)).toEqual(trapFrames(machine.truth.frames));
    expect(new Set(found.map(({ trust }) => trust))).not.toContain('unwind');
  });

  it('U-1 arm64: unwind tables give every frame and its registers', () => {
    const machine = buildMachine({ architecture: 'arm64', crash });
    const { frames } = machine.truth;
    const found = walk(machine, 'bitmap-kernel');
    expect(found.map(placeOf)).toEqual(frames.map(placeOf));
    found.forEach(({ registers }, index) => {
      const truth = frames[index]!.registers;
      for (const [name, value] of registers.entries())
        expect([name, value]).toEqual([name, truth[name] ?? value]);
    });
  });

  it.each(['bitmap-kernel', 'triage'] as const)(
    'U-1 x86: frame pointers and trap frames give every frame of a %s dump',
    (kind) => {
      const machine = buildMachine({ architecture: 'x86', crash });
      const found = walk(machine, kind);
      expect(found.map(placeOf)).toEqual(machine.truth.frames.map(placeOf));
      expect(trapFrames(found)).toEqual(trapFrames(machine.truth.frames));
    },
  );

  // The interrupted address follows no call and is not recognised; its lr stands in the trap frame and on the stack.
  it('U-1 arm64: frame records and a scan find the return addresses in their order', () => {
    const machine = buildMachine({ architecture: 'arm64', crash });
    const truth = machine.truth.frames.filter(({ leftBy }) => leftBy !== 'trap').map(({ ip }) => ip);
    const found = new Set(walk(machine, 'triage').map(({ ip }) => ip));
    expect([...found].filter((ip) => truth.includes(ip))).toEqual(truth);
  });
});
