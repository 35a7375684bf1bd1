import { describe, expect, it } from 'vitest';
import { PlantedKernel } from '../../../test/planted-kernel.ts';
import type { Va } from '../../base/index.ts';
import type { ObjectKernel } from '../../windows/index.ts';
import { heapOfReport, readHeapFailure } from './heap-failure.ts';

const heap = 0xffff_8a00_1000_0000n;
const sp = 0xffff_f300_0000_1c48n;

function planted(build = 19_041, hasHeap = true): PlantedKernel {
  const planted = new PlantedKernel('x64', build);
  if (hasHeap) {
    planted.memory.map(heap, 0x1000);
    planted.set('_SEGMENT_HEAP', heap, { Signature: 0xddee_ddee });
  }
  return planted;
}

/** The kernel with a bug check of its own. */
const stopped = ({ kernel }: PlantedKernel, parameters: readonly Va[], code = 0x13a): ObjectKernel => {
  const { dump } = kernel.target;
  Object.assign(dump.header, { bugCheckCode: code, bugCheckParameters: [...parameters, 0n] });
  return kernel as ObjectKernel;
};

describe('the heap that parameter 2 means', () => {
  it.each([
    [19_041, 0n, 'parameter 2 is the heap itself'],
    [19_041, 0x100n, 'parameter 2 is its SegContexts[0]'],
    [22_000, 0x140n, 'parameter 2 is its SegContexts[0]'],
    [19_041, 0x340n, 'parameter 2 is its LfhContext'],
    [19_041, 0x280n, 'parameter 2 is its VsContext'],
    [19_041, 0x7c8n, 'parameter 2 is 7c8 bytes into it'],
  ])('build %i, %x bytes into it', (build, offset, text) => {
    const found = heapOfReport(planted(build).kernel as ObjectKernel, heap + offset);
    expect(found).toMatchObject({ value: heap, offset: Number(offset), isProven: true });
    expect(found!.from).toContain(text);
  });

  it('is told by its low bits alone where its page is not in the dump, and then it says so', () => {
    const kernel = planted(19_041, false).kernel as ObjectKernel;
    expect(heapOfReport(kernel, heap + 0x100n)).toMatchObject({ value: heap, isProven: false });
    expect(heapOfReport(kernel, heap + 0x128n)).toBeUndefined();
  });

  it('is none where the page is there and has no signature', () => {
    const kernel = planted(19_041, false);
    kernel.memory.map(heap, 0x1000);
    expect(heapOfReport(kernel.kernel as ObjectKernel, heap + 0x100n)).toBeUndefined();
  });
});

describe('a subsegment whose mark does not fit', () => {
  const chunk = 0xffff_8a00_2ac0_4fe0n;
  const subsegment = 0xffff_8a00_2abe_e000n;

  /** The words of a stack. */
  function withStack(words: readonly Va[], third = subsegment, code = 0x12n): ObjectKernel {
    const kernel = planted();
    kernel.memory.map(sp, 0x800);
    words.forEach((word, index) => kernel.memory.write(sp + 0x78n + BigInt(index * 8), word, 8));
    return stopped(kernel, [code, heap + 0x100n, third]);
  }

  it('the chunk in use is on the stack with its node', () => {
    const failure = readHeapFailure(withStack([chunk + 8n, chunk, 0x1fbn]), sp);
    expect(failure).toMatchObject({ code: 0x12, isComputed: true, heap: { value: heap } });
    expect(failure!.chunks).toEqual([{ chunk, at: sp + 0x80n }]);
  });

  it.each([
    ['without its node', [chunk]],
    ['that is not aligned', [chunk + 4n, chunk + 12n]],
    ['below the subsegment', [subsegment - 0x20n, subsegment - 0x18n]],
    ['too far behind it', [subsegment + 0x10_0010n, subsegment + 0x10_0018n]],
    ['in the header of the subsegment', [subsegment, subsegment + 8n]],
  ])('an address %s is none', (_, words) => {
    expect(readHeapFailure(withStack(words), sp)!.chunks).toEqual([]);
  });

  it('other codes, and an address that is no page, name what was met', () => {
    expect(readHeapFailure(withStack([chunk, chunk + 8n], subsegment, 8n), sp)).toMatchObject({
      isComputed: false,
      chunks: [],
    });
    expect(readHeapFailure(withStack([chunk, chunk + 8n], chunk), sp)!.isComputed).toBe(false);
  });

  it('another bug check is none of a heap', () => {
    expect(readHeapFailure(stopped(planted(), [0x12n, heap, 0n], 0x139), sp)).toBeUndefined();
  });
});
