import { describe, expect, it } from 'vitest';
import { MemoryView } from '../../test/memory-view.ts';
import { hexBytes } from '../image/code.ts';
import { playScenario, scenarios } from '../scenarios/index.ts';
import { part1, part2, part3 } from './facts.ts';

const played = (name: string, seed = 1) =>
  playScenario(scenarios.find((each) => each.name === name)!, { seed });

const first = played('article-1');
const second = played('article-2');
const third = played('article-3');
const plain = played('article-3-plain');

const stackOf = ({ truth }: typeof first): string[] =>
  truth.frames.map(
    ({ sp, function: name, offset }) =>
      `${(sp & 0xffff_ffffn).toString(16)} ${name ?? 'user'}+${offset.toString(16)}`,
  );

describe('the machines of the article', () => {
  it('come first', () => {
    expect(scenarios.slice(0, 3).map(({ name }) => name)).toEqual(['article-1', 'article-2', 'article-3']);
  });

  it('part 1 stops with its context where it was, and with every register as it was', () => {
    const { truth, bugCheck } = first;
    expect(bugCheck).toEqual({
      code: part1.bugCheck,
      parameters: [part1.status, part1.registers.rip, part1.contextRecord, 0n],
    });
    expect(truth.fault).toMatchObject({ ip: part1.registers.rip, contextRecord: part1.contextRecord });
    expect(truth.fault!.registers).toEqual(part1.registers);
    expect(truth.symbols.get('nt!ExAllocatePool')).toBe(part1.allocatePool);
    expect(truth.symbols.get('nt!NonPagedPoolDescriptor')).toBe(part1.descriptor);
  });

  it('part 1 has the code that it shows', () => {
    const { code, allocatePoolWithTag } = part1;
    const wanted = hexBytes(`${code.lock.bytes} ${code.list} ${code.fault}`);
    const memory = new MemoryView(first.space);
    expect(memory.bytes(allocatePoolWithTag + BigInt(code.at), wanted.length)).toEqual(wanted);
    expect(memory.u64(part1.listHead)).toBe(part1.registers.r8);
  });

  it('part 1 has the damage that it shows', () => {
    const { address, size, tag, end } = part1.damagedPage;
    expect(first.truth.scenario).toMatchObject({
      kind: 'pool-overrun',
      culprit: 'myfault.sys',
      block: { address, size, tag },
      damage: { start: address + BigInt(size), length: end - size, text: `${'O'.repeat(40)}VERFLOW` },
    });
  });

  it('part 1 has its page of pool, as blocks of the pool', () => {
    const { address, blocks } = part1.healthyPage;
    const there = first.truth.pool!.blocks.filter(
      ({ header }) => header >= address && header < address + 0x1000n,
    );
    expect(there.map(({ size, state }) => [size, state])).toEqual(
      blocks.map(({ size, isFree }) => [size, isFree === true ? 'free' : 'allocated']),
    );
  });

  it('part 1 is at its addresses whatever happened before', () => {
    for (const seed of [2, 77]) {
      const { bugCheck, truth } = played('article-1', seed);
      expect(bugCheck).toEqual(first.bugCheck);
      expect(truth.scenario?.block).toEqual(first.truth.scenario?.block);
    }
  });

  it('part 2 has its stack and its bug check', () => {
    expect(second.bugCheck.code).toBe(part2.bugCheck);
    expect(second.bugCheck.parameters).toEqual([part2.guard, part2.write, part2.fault, 0n]);
    const { page, size, tag } = part2.block;
    expect(second.truth.scenario?.block).toMatchObject({ address: page + 0x800n, size, tag });
    expect(stackOf(second)).toEqual([
      '4822658 nt!KeBugCheckEx+0',
      '4822660 nt!MiSystemFault$beyond+15',
      '4822700 nt!MmAccessFault+55b',
      '4822840 nt!KiPageFault+16e',
      '48229d0 myfault!MyfaultDeviceControl+20f',
      '4822b20 myfault!MyfaultDispatch+b7',
      '4822b80 nt!IovCallDriver+ba',
      '4822bd0 nt!IopXxxControlFile+7e5',
      '4822d60 nt!NtDeviceIoControlFile+56',
      '4822dd0 nt!KiSystemServiceCopyEnd+13',
      '4debb8 user+0',
    ]);
  });

  it('part 3 has its stack up to the debugger, its bug check and its registers', () => {
    expect(third.bugCheck.code).toBe(part3.bugCheck);
    expect(third.bugCheck.parameters).toEqual([part3.header, part3.read, part3.fault, part3.kind]);
    expect(stackOf(third).slice(0, 10)).toEqual([
      '419fe28 nt!DbgBreakPointWithStatus+0',
      '419fe30 nt!KiBugCheckDebugBreak+12',
      '419fe90 nt!KeBugCheck2+79f',
      '41a05b0 nt!KeBugCheckEx+104',
      '41a05f0 nt!MiSystemFault$freed+15',
      '41a0690 nt!MmAccessFault+55b',
      '41a07d0 nt!KiPageFault+16e',
      '41a0960 nt!ExFreePoolSanityChecks+e8',
      '41a09a0 nt!VerifierExFreePoolWithTag+3c',
      '41a09d0 myfault!MyfaultDeviceControl+2fd',
    ]);
    const driver = third.truth.frames[9]!;
    const { rbx, rsi, rdi, rbp, r12, r13, r14, r15 } = part3.registers;
    expect(driver.registers).toMatchObject({ rbx, rsi, rdi, rbp, r12, r13, r14, r15 });
    const { rax, rcx, rdx, r8, r9, r10, r11, efl } = part3.registers;
    expect(third.truth.fault!.registers).toMatchObject({ rax, rcx, rdx, r8, r9, r10, r11, efl });
  });

  it('part 3 without special pool ends in the allocator', () => {
    expect(plain.bugCheck.code).toBe(part3.plain.bugCheck);
    expect(plain.bugCheck.parameters).toEqual(part3.plain.parameters);
    expect(plain.truth.frames[1]?.function).toBe('nt!ExFreePoolWithTag');
  });

  it('are stories of one build', () => {
    const scenario = scenarios.find(({ name }) => name === 'article-2')!;
    expect(() => playScenario(scenario, { build: 7601 })).toThrow('article-2');
  });
});
