import type { ImageSpec } from '../image/image-spec.ts';
import type { RegionSpan } from '../pool/index.ts';
import type { MachinePlaces } from '../run/index.ts';
import { arrangeFunctions, arrangeVariables } from './arrange.ts';
import { part1 } from './facts.ts';
import type { Settlement } from './settled-function.ts';

const { code, movedBy, kernelBase } = part1;
const rva = (address: bigint): number => Number(address - kernelBase);

/** The fault is behind the lock and the look at the list. */
const faultAt = rva(part1.registers.rip) - rva(part1.allocatePoolWithTag);

/** The allocator: taking the lock and following the list's first entry are where the article shows them. */
const allocatePoolWithTag: Settlement = {
  at: rva(part1.allocatePoolWithTag),
  anchors: [
    { label: 'unlink', at: code.at },
    { label: 'wait', at: movedBy.lockIsTaken.at },
    { label: 'empty', at: movedBy.listIsEmpty.at },
  ],
  inlines: [{ name: code.lock.name, ranges: [{ from: code.at, to: faultAt }] }],
  moved: {
    blocks: [
      { at: 0, offset: 0 },
      { at: 0x400, offset: 0x400 + movedBy.fault },
      { at: 0x700, offset: 0x1000 },
      movedBy.lockIsTaken,
      { at: 0xa00, offset: 0x1100 },
      movedBy.listIsEmpty,
    ],
  },
};

const functions: Readonly<Record<string, Settlement>> = {
  ExAllocatePool: { at: rva(part1.allocatePool), padding: part1.allocatePoolPadding },
  ExAllocatePoolWithTag: allocatePoolWithTag,
};

/** What rcx and r10 pointed to is not known; here it is the table of the pools. */
const variables: Readonly<Record<string, number>> = {
  NonPagedPoolDescriptor: rva(part1.descriptor),
  PoolVector: rva(part1.registers.rcx),
};

function arrangeKernel(nt: ImageSpec): ImageSpec {
  return {
    ...nt,
    linkOrder: [],
    functions: arrangeFunctions(nt.functions, functions),
    variables: arrangeVariables(nt.variables ?? [], variables),
  };
}

const span = (start: bigint, pages: number): RegionSpan => ({ start, pages });

/** The machine of part 1. Where its kernel began is not told. */
export const firstPlaces: MachinePlaces = {
  build: 9200,
  kernelImage: kernelBase,
  halImage: kernelBase - 0x6_c000n,
  stackTop: part1.stackTop,
  pools: { nonPaged: span(0xffff_fa80_0190_0000n, 0x300), nonPagedNx: span(0xffff_fa80_03e0_0000n, 0x400) },
  arrange: ([nt, ...others]) => [arrangeKernel(nt!), ...others],
};
