import { describe, expect, it } from 'vitest';
import { SparseMemory } from '../../test/sparse-memory.ts';
import type { Dump } from '../dump/index.ts';
import { type KernelTypes, type LayoutFact, profileTypes } from '../types/index.ts';
import { KernelStructures } from './kernel-structures.ts';
import { Target } from './target.ts';

const target = (machine: 'x64' | 'arm64'): Target =>
  new Target({ header: { machine } } as unknown as Dump, new SparseMemory());

const build = (
  types: KernelTypes | undefined,
  facts: readonly LayoutFact[],
  machine: 'x64' | 'arm64' = 'x64',
) => new KernelStructures(target(machine), types, facts);

/** The newest profile for a build that is newer, with what its debugger data says. */
const guessed = (facts: readonly LayoutFact[]) => build(profileTypes('x64', 26100, facts), facts);

const peb = (value: number): LayoutFact => ({ structure: '_EPROCESS', member: 'Peb', value });
const state: LayoutFact = { structure: '_KTHREAD', member: 'State', value: 0x184 };

describe('structures of kernel objects', () => {
  it('are those of the profile where the build is known', () => {
    const structures = build(profileTypes('x64', 19041, [peb(0x550)]), [peb(0x550)]);
    expect(structures.offset('_EPROCESS', 'UniqueProcessId')).toBe(0x440);
    expect(structures.note('_EPROCESS', '_KTHREAD')).toBeUndefined();
  });

  it('SP-11: are only what the dump tells where it contradicts the profile', () => {
    const structures = guessed([peb(0x2e0)]);
    expect(structures.offset('_EPROCESS', 'Peb')).toBe(0x2e0);
    expect(structures.offset('_EPROCESS', 'UniqueProcessId')).toBeUndefined();
    expect(() => {
      throw structures.unknown('_EPROCESS', 'UniqueProcessId');
    }).toThrow('where _EPROCESS.UniqueProcessId is in this kernel is not known: the dump contradicts');
    expect(structures.note('_EPROCESS')).toBe('Layouts: of _EPROCESS only what the dump itself tells.');
  });

  it('SP-11: of a guess reach up to the last member that the dump confirms', () => {
    const structures = guessed([state]);
    expect(structures.offset('_KTHREAD', 'State')).toBe(0x184);
    expect(structures.offset('_KTHREAD', 'Teb')).toBe(0xf0);
    expect(structures.find('_KTHREAD')?.member('Alertable')?.bits).toEqual({ position: 4, width: 1 });
    expect(structures.offset('_KTHREAD', 'ApcState.Process')).toBe(0xb8);
    expect(structures.offset('_KTHREAD', 'WaitTime')).toBeUndefined();
    expect(structures.note('_KTHREAD')).toBe(
      'Layouts: built-in profile of build 22000.2538, a guess: this build 26100 is newer than every profile.',
    );
  });

  it('of a guess that the dump says nothing about are shown whole, and said to be one', () => {
    const structures = guessed([]);
    expect(structures.offset('_HANDLE_TABLE', 'TableCode')).toBe(8);
    expect(structures.note('_HANDLE_TABLE')).toContain('a guess');
  });

  it('tell of the kernel part of a process what is told of the process', () => {
    const fact: LayoutFact = { structure: '_EPROCESS', member: 'Pcb.DirectoryTableBase', value: 0x28 };
    const structures = guessed([fact, peb(0x2e0)]);
    expect(structures.offset('_KPROCESS', 'DirectoryTableBase')).toBe(0x28);
    expect(structures.offset('_KPROCESS', 'BasePriority')).toBeUndefined();
  });

  it('without a profile are what the dump tells, and what is learned', () => {
    const structures = build(undefined, [peb(0x508)], 'arm64');
    expect(structures.offset('_EPROCESS', 'Peb')).toBe(0x508);
    expect(structures.find('_ETHREAD')).toBeUndefined();
    let asked = 0;
    const learned = { structure: '_ETHREAD', member: 'Cid', value: 0x4e8 };
    for (let time = 0; time < 2; time++)
      structures.learn('IDs', () => {
        asked++;
        return [learned];
      });
    expect(asked).toBe(1);
    expect(structures.offset('_ETHREAD', 'Cid')).toBe(0x4e8);
    expect(() => structures.at('_KPRCB', 0n)).toThrow('there is no built-in profile for arm64');
  });
});
