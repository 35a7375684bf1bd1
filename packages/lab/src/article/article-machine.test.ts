import { describe, expect, it } from 'vitest';
import { articleMachine } from './article-machine.ts';

const stackOf = (part: Parameters<typeof articleMachine>[0]): string[] =>
  articleMachine(part).truth.frames.map(
    ({ sp, function: name, offset }) =>
      `${(sp & 0xffff_ffffn).toString(16)} ${name ?? 'user'}+${offset.toString(16)}`,
  );

describe('the machines of the article', () => {
  it('part 1 has its context record and its fault where they were', () => {
    const { truth, bugCheck } = articleMachine(1);
    expect(bugCheck).toEqual({
      code: 0x3b,
      parameters: [0xc000_0005n, 0xffff_f800_9267_244an, 0xffff_f880_0476_3560n, 0n],
    });
    expect(truth.symbols.get('nt!ExAllocatePool')).toBe(0xffff_f800_9241_1bc0n);
    expect(truth.symbols.get('nt!NonPagedPoolDescriptor')).toBe(0xffff_f800_9268_fb40n);
  });

  it('part 2 has its stack', () => {
    expect(stackOf(2)).toEqual([
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

  it('part 3 has its stack', () => {
    expect(stackOf(3).slice(0, 10)).toEqual([
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
  });

  it('part 3 without special pool ends in the allocator', () => {
    const { bugCheck, truth } = articleMachine('3-plain');
    expect(bugCheck.parameters).toEqual([7n, 0x11c1n, 0x481_0007n, 0xffff_fa80_01b1_0800n]);
    expect(truth.frames[1]?.function).toBe('nt!ExFreePoolWithTag');
  });

  it('the same part gives the same bytes', () => {
    const [first, second] = [articleMachine(2), articleMachine(2)];
    expect(first.memory.read(first.space.pfnOf(first.stack.limit)! * 0x1000, 0x1000)).toEqual(
      second.memory.read(second.space.pfnOf(second.stack.limit)! * 0x1000, 0x1000),
    );
    expect(first.debuggerData.bytes).toEqual(second.debuggerData.bytes);
  });
});
