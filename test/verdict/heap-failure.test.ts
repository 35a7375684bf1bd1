import { BufferSource, openSession, type Report, type Session } from '@poolscope/engine';
import { dumpBytes, heapScenarios, type Machine, playScenario, scenarios } from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';
import { runToEnd } from '../../packages/engine/src/memory/index.ts';
import { describeHeap, type HeapReport } from '../../packages/engine/src/pool/index.ts';

/*
 * What the codes of KERNEL_MODE_HEAP_CORRUPTION come to: a machine whose pool is whole, whose dump says that its heap stopped it.
 */

const build = 19_041;
let machine: Machine;
let blocks: readonly { readonly header: bigint; readonly address: bigint; readonly allocator?: string }[];
let plain: Session;

beforeAll(async () => {
  machine = playScenario(scenarios.find(({ name }) => name === 'null-pointer')!, { seed: 1, build });
  blocks = machine.kernelPool!.blocks().filter(({ state }) => state === 'allocated');
  plain = await openSession(new BufferSource(dumpBytes(machine, { type: 'bitmap-kernel' })));
});

/** Offsets of BugCheckCode and its parameters in _DUMP_HEADER64. */
const [codeAt, parametersAt] = [0x38, 0x40];

/** The verdict where the header of the dump says so. */
async function verdictOn(code: number, address: bigint): Promise<Report['verdict']> {
  const bytes = dumpBytes(machine, { type: 'bitmap-kernel' });
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(codeAt, 0x13a, true);
  const heap = plainReport(blocks[0]!.header).page.range!.heap.address;
  for (const [index, word] of [BigInt(code), heap + 0x100n, address, 0n].entries())
    view.setBigUint64(parametersAt + index * 8, word, true);
  return (await openSession(new BufferSource(bytes))).analyze().report.verdict;
}

/** A subsegment on a list of its owner. */
function listedSubsegment(): bigint {
  const { target } = plain.system;
  const starts = new Set(
    blocks
      .filter(({ allocator }) => allocator === 'lfh')
      .map(({ header }) => plainReport(header).page.range!.start),
  );
  return [...starts].find((start) => (target.readPointer(start + 8n) ?? 0n) !== 0n)!;
}

/** A node of the tree of free chunks of a heap, with two children or one. */
function freeNode(heap: bigint): bigint {
  const { structures, target } = plain.system;
  const root = target.readPointer(
    heap + BigInt(structures.offset('_SEGMENT_HEAP', 'VsContext.FreeChunkTree')!),
  )!;
  return target.readPointer(root) === 0n ? root : target.readPointer(root)!;
}

const plainReport = (va: bigint): HeapReport => runToEnd(describeHeap(plain.system, va));
const slot = () => blocks.find(({ allocator }) => allocator === 'lfh')!;

/** How sure a verdict is at most of which nothing but the code tells: what a caller did, or what the memory looks like. */
const mostByCode = (kind: string): number =>
  ['double-free', 'invalid-free', 'pool-misuse'].includes(kind) ? 0.95 : 0.5;

describe('a heap that stopped the machine', () => {
  it('0x16: an address in no heap was freed, which no allocation returned', async () => {
    const address = 0xffff_abcd_0000_0010n;
    const { kind, confidence, summary } = await verdictOn(0x16, address);
    expect([kind, confidence > 0.9]).toEqual(['invalid-free', true]);
    expect(summary).toContain('ffffabcd00000010 was freed, which no allocation returned');
  });

  it('0x16: of an address in session space, which is another in each session, nothing is proven', async () => {
    const { system } = plain;
    const session = system.structures.at('_EPROCESS', system.process!.address).pointer('Session')!;
    const write = (name: string, value: bigint): void =>
      machine.space.write(
        session + BigInt(system.structures.offset('_MM_SESSION_SPACE', name)!),
        new Uint8Array(BigUint64Array.of(value).buffer),
      );
    const start = 0xffff_d41c_5000_0000n;
    write('PagedPoolStart', start);
    write('PagedPoolEnd', start + 0xfff_ffffn);
    const { confidence, summary } = await verdictOn(0x16, start + 0x1230n);
    for (const name of ['PagedPoolStart', 'PagedPoolEnd']) write(name, 0n);
    expect(summary).not.toContain('which no allocation returned');
    expect(confidence).toBeLessThan(0.95);
  });

  it('0x9: an address amid a slot was freed, and not its start', async () => {
    const { header } = slot();
    const { kind, block, freedAddress } = await verdictOn(9, header + 0x20n);
    expect([kind, block?.address, freedAddress]).toEqual([
      'invalid-free',
      `0x${header.toString(16)}`,
      `0x${(header + 0x20n).toString(16)}`,
    ]);
  });

  it('0x9: of the start of a slot in use the code alone says something, and is not believed much', async () => {
    const { kind, confidence, block } = await verdictOn(9, slot().header);
    expect([kind, confidence < mostByCode(kind), block]).toEqual(['invalid-free', true, null]);
  });

  it('0x9: pages that are free belong to no allocation', async () => {
    const segment = plainReport(slot().header).page.range!.segment!;
    const last = segment.address + BigInt(segment.size) - 0xff0n;
    expect(plainReport(last).page.range?.kind).toBe('free');
    const { kind, summary } = await verdictOn(9, last);
    expect(kind).toBe('invalid-free');
    expect(summary).toContain('belong to no allocation by now');
  });

  it('0x10: the subsegment whose own structure is damaged is named', async () => {
    const { start } = plainReport(slot().header).page.range!;
    const place = start + 0x28n;
    const before = machine.space.read(place, 4)!;
    machine.space.write(place, Uint8Array.of(0x41, 0x41, 0x41, 0x41));
    const { kind, summary, evidence } = await verdictOn(0x10, start);
    machine.space.write(place, before);
    expect(kind).toBe('pool-header-corruption');
    expect(summary).toContain('What the heap keeps at');
    expect(evidence.map(({ command }) => command).join('; ')).toContain('!poolval');
  });

  it.each([
    [0x3, 'pool-header-corruption'],
    [0x4, 'pool-header-corruption'],
    [0x5, 'pool-header-corruption'],
    [0x6, 'pool-overrun'],
    [0x7, 'pool-underrun'],
    [0x8, 'double-free'],
    [0xa, 'pool-header-corruption'],
    [0xb, 'use-after-free'],
    [0xc, 'pool-misuse'],
    [0xd, 'pool-header-corruption'],
    [0xe, 'pool-header-corruption'],
    [0xf, 'double-free'],
    [0x11, 'double-free'],
    [0x13, 'pool-misuse'],
    [0x14, 'pool-misuse'],
    [0x15, 'pool-misuse'],
    [0x17, 'pool-header-corruption'],
  ])(
    '0x%s: where all of it is whole, what the code says is told as no more than that',
    async (code, kind) => {
      const verdict = await verdictOn(code, slot().header);
      expect([verdict.kind, verdict.confidence < mostByCode(kind), verdict.block]).toEqual([
        kind,
        true,
        null,
      ]);
      expect(verdict.evidence[0]?.command).toBe('.bugcheck');
    },
  );

  it.each([0x3, 0x6, 0x7, 0xb, 0xd, 0x10])(
    '0x%s: what is there, and that it is whole, is said',
    async (code) => {
      const { header } = blocks.find(({ allocator }) => allocator === 'vs')!;
      const { evidence } = await verdictOn(code, header);
      const { block } = plainReport(header);
      const claim = evidence.find((each) => each.claim.includes('all headers of the page agree'))?.claim;
      expect(claim).toContain(`tagged ${block!.tag!.trimEnd()} at ${header.toString(16)}`);
      expect(claim).toMatch(/in front of it a block|behind it a block/);
    },
  );

  it.each([0xd, 0xe])(
    '0x%s: the node whose link is broken is the evidence, and not the code',
    async (code) => {
      const { heap } = plainReport(slot().header).page.range!;
      const free = [...plainReport(slot().header).page.blocks].length;
      expect(free).toBeGreaterThan(0);
      const node = freeNode(heap.address);
      const before = machine.space.read(node, 8)!;
      machine.space.write(node, Uint8Array.of(0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41));
      const { damage, evidence } = await verdictOn(code, node);
      machine.space.write(node, before);
      expect(damage?.start).toBe(`0x${node.toString(16)}`);
      expect(evidence.map(({ claim }) => claim).join(' ')).toContain('the tree of free chunks');
    },
  );

  it('0xe: a subsegment that a list of the LFH does not lead back from is the finding', async () => {
    const start = listedSubsegment();
    const before = machine.space.read(start + 8n, 8)!;
    machine.space.write(start + 8n, new Uint8Array(BigUint64Array.of(start).buffer));
    const { kind, summary, evidence } = await verdictOn(0xe, start);
    machine.space.write(start + 8n, before);
    expect(kind).toBe('pool-header-corruption');
    expect(summary).toContain('A list of subsegments of the LFH');
    expect(evidence[0]?.command).toContain('!pool');
  });
});

describe('a fast fail of the heap', () => {
  it.each([
    [19_041, 1],
    [22_000, 2],
  ])('0x139, 1D, build %i: leads to the node that was written over', async (build, seed) => {
    const story = heapScenarios.find(({ name }) => name === 'chunk-overrun-free')!;
    const stopped = playScenario(story, { seed, build });
    expect([stopped.bugCheck.code, stopped.bugCheck.parameters[0]]).toEqual([0x139, 0x1dn]);
    const session = await openSession(new BufferSource(dumpBytes(stopped, { type: 'bitmap-kernel' })));
    const { kind, evidence, damage } = session.analyze().report.verdict;
    expect(kind).toBe('pool-overrun');
    expect(evidence[0]?.claim).toMatch(
      /^A check of the tree of free chunks of the heap at \w+ stopped the machine/,
    );
    expect(stopped.truth.scenario!.damage?.start).toBe(damage === null ? undefined : BigInt(damage.start));
  });
});
