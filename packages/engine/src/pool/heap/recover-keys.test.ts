import { describe, expect, it } from 'vitest';
import { lfhKeyOfTests, rangeOf, writeSubsegment } from '../../../test/lfh-memory.ts';
import { PlantedKernel } from '../../../test/planted-kernel.ts';
import type { Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import { headerCandidates } from '../candidates.ts';
import { billedHeapProcesses, quotaCookieByProcesses, quotaCookieBySymbol } from './heap-billing.ts';
import type { HeapBlock } from './heap-block.ts';
import { recoverHeapKey } from './recover-heap-key.ts';
import { recoverLfhKey } from './recover-lfh-key.ts';

const heapKey = 0x1122_3344_5566_7788n;
const start = 0xffff_8a00_1234_0000n;

/** Pages of VS chunks in use of 0x100 bytes, each with a POOL_HEADER. */
function plantChunks(pages: number, key = heapKey, at = start): PlantedKernel {
  const kernel = new PlantedKernel('x64', 19_041);
  const { memory } = kernel;
  memory.map(at, pages * 0x1000);
  for (let page = 0; page < pages; page++)
    for (let index = 0; index < 15; index++) {
      const chunk = at + BigInt(page * 0x1000 + 0x30 + index * 0x100);
      memory.write(chunk, (0x0001_0010_0010_0000n ^ chunk ^ key) & 0xffff_ffff_ffff_ffffn, 8);
      memory.write(chunk + 0x10n, 0x020f_0000, 4);
      memory.write(chunk + 0x14n, 0x7473_6554, 4);
    }
  return kernel;
}

const pagesFrom = (at: Va, count: number): Va[] =>
  Array.from({ length: count }, (_, page) => at + BigInt(page * 0x1000));

describe('the heap key', () => {
  it('HR-1: is what VS chunks on several pages agree on, with how many did', () => {
    const { kernel } = plantChunks(3);
    expect(runToEnd(recoverHeapKey(kernel, pagesFrom(start, 3)))).toEqual({
      value: heapKey,
      from: '42 VS chunks on 3 pages whose neighbours tell what they hold',
    });
  });

  it('HR-1: is not proven by one page, however many agree there', () => {
    const { kernel } = plantChunks(1);
    expect(runToEnd(recoverHeapKey(kernel, [start]))).toBe(
      '14 VS chunks agree on a key, which is no proof: 4 on 2 pages are needed',
    );
  });

  it('HR-2: is not what pages of two kinds say', () => {
    const kernel = plantChunks(2);
    const other = plantChunks(2, heapKey ^ 0xff00n, start + 0x10_0000n);
    for (const page of pagesFrom(start + 0x10_0000n, 2)) {
      const bytes = other.memory.tryRead(page, 0x1000);
      if (!(bytes instanceof Uint8Array)) throw new Error('not there');
      kernel.memory.map(page, 0x1000);
      bytes.forEach((byte, index) => kernel.memory.write(page + BigInt(index), byte, 1));
    }
    const pages = [...pagesFrom(start, 2), ...pagesFrom(start + 0x10_0000n, 2)];
    expect(runToEnd(recoverHeapKey(kernel.kernel, pages))).toBe(
      'chunks of the pool lead to more than one key',
    );
  });

  it('HR-2: is not found in zeros, repeated bytes or missing pages', () => {
    const kernel = new PlantedKernel('x64', 19_041);
    kernel.memory.map(start, 0x4000);
    for (let at = 0; at < 0x2000; at += 0x10) {
      kernel.memory.write(start + BigInt(at), 0x0203_0000, 4);
      kernel.memory.write(start + BigInt(at + 4), 0x4141_4141, 4);
    }
    expect(runToEnd(recoverHeapKey(kernel.kernel, pagesFrom(start, 6)))).toBe(
      'no two VS chunks in the dump agree on a key',
    );
  });
});

const subsegments = (offsets: readonly bigint[], shift: 'whole' | 'truncated') => {
  const kernel = new PlantedKernel('x64', 19_041);
  const ranges = offsets.map((offset, index) => {
    const at = start + offset;
    const sizes = [0xe0, 0x50, 0x1f0, 0x90];
    return writeSubsegment(kernel, { at, pages: 2, blockSize: sizes[index]!, busy: () => true, shift }).range;
  });
  return runToEnd(recoverLfhKey(kernel.kernel, ranges));
};

describe('the LFH key', () => {
  const key = lfhKeyOfTests & 0xffff_ffffn;

  it('HR-3: is what three subsegments agree on whose blocks lie side by side', () => {
    const apart = [0n, 0x1_0000_0000n, 0x3_0000_0000n];
    const from = '3 LFH subsegments whose block sizes are known';
    expect(subsegments(apart, 'whole')).toEqual({ value: key, from });
    expect(subsegments(apart, 'truncated')).toEqual({ value: key, from });
  });

  it('HR-3: is by the usual way where they are all in one 4 GB', () => {
    expect(subsegments([0n, 0x10000n, 0x20000n], 'truncated')).toEqual({
      value: key,
      from: '3 LFH subsegments whose block sizes are known, by the low half of the address, as usual',
    });
  });

  it('HR-3: is not proven by two', () => {
    expect(subsegments([0n, 0x1_0000_0000n], 'whole')).toBe(
      '2 LFH subsegments agree on a key, which is no proof: 3 are needed',
    );
  });

  it('HR-3: is not found where nothing is', () => {
    const { kernel } = new PlantedKernel('x64', 19_041);
    expect(runToEnd(recoverLfhKey(kernel, [rangeOf(start, 0x2000)]))).toBe(
      'no two LFH subsegments in the dump agree on a key',
    );
  });
});

describe('candidates', () => {
  it('HR-4: say how they agree with others: by chunks between them, or side by side', () => {
    const chunks = headerCandidates(plantChunks(1).kernel, start)!;
    expect(chunks).toHaveLength(15);
    expect(chunks.every(({ fits }) => fits?.kind === 'chained' && fits.count === 15)).toBe(true);
    const kernel = new PlantedKernel('x64', 19_041);
    writeSubsegment(kernel, { at: start, pages: 1, blockSize: 0x90, busy: () => true });
    const slots = headerCandidates(kernel.kernel, start)!;
    expect(slots.length).toBeGreaterThan(20);
    expect(slots.every(({ fits }) => fits?.kind === 'side-by-side' && fits.count === slots.length)).toBe(
      true,
    );
  });

  it('HR-4: with a PoolIndex that was left are taken only where they agree with others', () => {
    const kernel = plantChunks(1);
    kernel.memory.write(start + 0x41n, 0x93, 1);
    expect(headerCandidates(kernel.kernel, start)).toHaveLength(15);
    for (let index = 1; index < 15; index++) kernel.memory.write(start + BigInt(0x42 + index * 0x100), 0, 1);
    expect(headerCandidates(kernel.kernel, start)).toHaveLength(0);
    kernel.memory.write(start + 0x41n, 0, 1);
    expect(headerCandidates(kernel.kernel, start)).toMatchObject([{ address: start + 0x40n }]);
  });
});

describe('who pays for a block', () => {
  const cookie = 0x0123_4567_89ab_cdefn;
  const process = 0xffff_8a00_aabb_c080n;
  const header = 0xffff_8a00_1234_5040n;
  const block = (type: number): HeapBlock => ({
    address: header,
    size: 0x50,
    allocator: 'lfh',
    state: 'allocated',
    tag: 'Test',
    tagValue: 0x7473_6554,
    header: { size: 0x50, previousSize: 0, index: 0xd2, type, tag: 0x7473_6554 },
    data: header + 0x10n,
    chunk: undefined,
    slot: 0,
    requested: undefined,
    cachedIn: undefined,
  });

  function plantBlock() {
    const kernel = new PlantedKernel('x64', 19_041, { names: ['ExpPoolQuotaCookie'] });
    kernel.memory.map(header, 0x100);
    kernel.memory.map(process, 0x10);
    kernel.memory.write(process, 3, 1);
    kernel.memory.write(header + 8n, 0x0123_4567_3124_5d2fn, 8);
    kernel.memory.write(kernel.variable('ExpPoolQuotaCookie'), cookie, 8);
    return kernel;
  }

  it('HR-5: is decoded with the cookie and the address of the header: the vector', () => {
    const { kernel } = plantBlock();
    const { billed, problems } = billedHeapProcesses(kernel, [block(0x0b)], quotaCookieBySymbol(kernel));
    expect(billed.get(header)).toEqual({ process, from: 'its header, decoded with nt!ExpPoolQuotaCookie' });
    expect(problems).toEqual([]);
  });

  it('HR-5: is not asked where nobody does, and what is no process is damage', () => {
    const planted = plantBlock();
    const known = quotaCookieBySymbol(planted.kernel);
    expect(billedHeapProcesses(planted.kernel, [block(0x03)], known).billed.size).toBe(0);
    planted.memory.write(process, 6, 1);
    expect(billedHeapProcesses(planted.kernel, [block(0x0b)], known).problems).toEqual([
      { rule: 'header-quota', at: header + 8n, found: process },
    ]);
    expect(billedHeapProcesses(planted.kernel, [block(0x0b)], undefined).problems).toEqual([]);
  });

  it('HR-6: the cookie is what leads the values of three processes to processes, and nothing else does', () => {
    const processes = [0x80n, 0x1180n, 0x5240n, 0x9300n].map((offset) => process + offset);
    const constants = processes.slice(0, 3).map((each) => each ^ cookie);
    expect(quotaCookieByProcesses(constants, new Set(processes))?.value).toBe(cookie);
    // Each of two could be either.
    expect(quotaCookieByProcesses(constants.slice(0, 2), new Set(processes))).toBeUndefined();
    expect(quotaCookieByProcesses([...constants, 0x1234n], new Set(processes))).toBeUndefined();
  });
});
