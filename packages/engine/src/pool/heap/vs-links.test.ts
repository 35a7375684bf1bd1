import { expect, it } from 'vitest';
import { PlantedHeaps } from '../../../test/heap-memory.ts';
import { runToEnd } from '../../memory/index.ts';
import { readVsKnowledge } from './vs-knowledge.ts';

const segment = 0xffff_8a00_1230_0000n;
const subsegment = segment + 0x2000n;
const text = 0x4141_4141_4141_4140n;

/** A heap with two free chunks and two blocks whose free waits. */
function planted() {
  const kernel = new PlantedHeaps(19_041);
  kernel.addSegment(segment, [{ index: 2, units: 16, type: 'vs' }]);
  const chunks = kernel.addSubsegment(subsegment, [
    { size: 0x80, tag: 'Aaaa' },
    { size: 0x200, free: true },
    { size: 0x100, tag: 'Bbbb' },
    { size: 0x300, free: true },
    { size: 0xffd0 - 0x680, tag: 'Cccc' },
  ]);
  kernel.addTree([chunks[1]!.address, chunks[3]!.address]);
  const links = [0, 2].map((index) => chunks[index]!.block + 16n);
  kernel.addDelayed(links);
  const node = chunks[3]!.address + 8n;
  return { kernel, links, node };
}

const knowledgeOf = (kernel: PlantedHeaps) =>
  runToEnd(readVsKnowledge(kernel.kernel, kernel.heaps(), { address: kernel.heap }));

it('SH-18: a link that is no address of a node is told with the node that has it', () => {
  const { kernel, node } = planted();
  kernel.pointer(node, text);
  expect(knowledgeOf(kernel).problems).toEqual([{ rule: 'vs-tree-link', at: node, found: text }]);
});

it('SH-18: a root that is none is told with the tree', () => {
  const { kernel } = planted();
  const tree = kernel.member('_SEGMENT_HEAP', kernel.heap, 'VsContext.FreeChunkTree');
  kernel.pointer(tree, text);
  expect(knowledgeOf(kernel).problems).toEqual([{ rule: 'vs-tree-link', at: tree, found: text }]);
});

it('SH-20: a link that is no address of a chunk is told, and kept for nothing', () => {
  const { kernel, links } = planted();
  kernel.pointer(links[1]!, text + 1n);
  const { kept, problems } = knowledgeOf(kernel);
  expect([...kept.keys()]).toEqual(links);
  expect(problems).toEqual([{ rule: 'vs-delayed', at: links[1]!, found: text + 1n }]);
});

it('SH-20: a head whose link is none is told too', () => {
  const { kernel } = planted();
  const head = kernel.member('_SEGMENT_HEAP', kernel.heap, 'VsContext.DelayFreeContext');
  kernel.pointer(head + 8n, 0x10n);
  const { kept, problems } = knowledgeOf(kernel);
  expect(kept.size).toBe(0);
  expect(problems).toEqual([{ rule: 'vs-delayed', at: head, found: 0x10n }]);
});
