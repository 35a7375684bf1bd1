import { describe, expect, it } from 'vitest';
import { playScenario, scenarios } from '../scenarios/index.ts';
import { dumpBytes } from '../write-dump.ts';
import { savedStackSize } from './saved-stack.ts';

const play = (name: string) => playScenario(scenarios.find((each) => each.name === name)!);

describe('the stack that a small dump saves', () => {
  it('is that of the thread from the stack pointer on', () => {
    const machine = play('double-free');
    const { pointer, base } = machine.stack;
    expect(savedStackSize(machine)).toBe(Number(base - pointer));
  });

  it('is what is mapped where the processor has a stack of its own', () => {
    const machine = play('stack-overflow');
    const { pointer, base } = machine.stack;
    expect(pointer).toBeGreaterThan(base);
    const size = savedStackSize(machine);
    expect(machine.space.pfnOf(pointer + BigInt(size) - 1n)).toBeDefined();
    expect(machine.space.pfnOf(pointer + BigInt(size))).toBeUndefined();
    const saved = Buffer.from(machine.space.read(pointer, size));
    for (const family of ['A', 'B', 'C'] as const)
      expect(Buffer.from(dumpBytes(machine, { type: 'triage', family })).includes(saved)).toBe(true);
  });
});
