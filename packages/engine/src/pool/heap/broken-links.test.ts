import { expect, it } from 'vitest';
import { PlantedHeaps } from '../../../test/heap-memory.ts';
import { runToEnd } from '../../memory/index.ts';
import { findBrokenLinks } from './broken-links.ts';
import { surveyHeap } from './survey-heap.ts';

const segment = 0xffff_8a00_1230_0000n;
const subsegment = segment + 0x2000n;

function planted() {
  const kernel = new PlantedHeaps(19_041);
  kernel.addSegment(segment, [{ index: 2, units: 16, type: 'vs' }]);
  const [, low, , high] = kernel.addSubsegment(subsegment, [
    { size: 0x80, tag: 'Aaaa' },
    { size: 0x200, free: true },
    { size: 0x100, tag: 'Bbbb' },
    { size: 0x300, free: true },
    { size: 0xffd0 - 0x680, tag: 'Cccc' },
  ]);
  kernel.addTree([low!.address, high!.address]);
  Object.assign(kernel.kernel.target.dump, { file: { size: 0x10_0000 } });
  return { kernel, node: high!.address + 8n };
}

const linksOf = (kernel: PlantedHeaps) => {
  const heaps = kernel.heaps();
  return runToEnd(findBrokenLinks(kernel.kernel, heaps, heaps.heaps[0]!));
};

it('whole heaps have none', () => {
  const { kernel } = planted();
  expect(linksOf(kernel)).toEqual([]);
  expect(runToEnd(surveyHeap(kernel.kernel, kernel.heap))?.walked.links).toEqual([]);
});

it('a tree that leads to itself is told once for each node, with its heap', () => {
  const { kernel, node } = planted();
  kernel.pointer(node, node);
  kernel.pointer(node + 8n, node);
  const expected = [
    { rule: 'vs-tree-link', at: node, list: 'the tree of free chunks', heap: { address: kernel.heap } },
  ];
  expect(linksOf(kernel)).toMatchObject(expected);
  expect(runToEnd(surveyHeap(kernel.kernel, kernel.heap))?.walked.links).toMatchObject(expected);
});

it('a segment that does not lead back is of the list of segments', () => {
  const { kernel } = planted();
  const context = kernel.member('_SEGMENT_HEAP', kernel.heap, 'SegContexts[0]');
  kernel.pointer(segment + 8n, context);
  expect(linksOf(kernel)).toMatchObject([
    { rule: 'list-link', at: segment + 8n, list: 'the list of segments' },
  ]);
});
