import { pageSize, type Va } from '@poolscope/engine/base';
import { type KernelAddress, toVa } from './kernel-address.ts';
import { type LookasideCounters, lookasideSizes } from './lookaside-lists.ts';
import { type PageRegion, PageUse } from './page-region.ts';
import type { DescriptorCounters, PoolDescriptor, PoolKind } from './pool-descriptor.ts';
import { BlockState, type PageLedger } from './pool-ledger.ts';
import type { PoolParts, Pools } from './pool-parts.ts';
import { headerType } from './pool-type.ts';
import type { TagSums } from './tag-tracker.ts';

/** A block as the allocator made it, whatever its header says by now. */
export interface TrueBlock {
  /** Of the header. */
  readonly header: Va;
  /** What the caller got. */
  readonly address: Va;
  /** Bytes with the header. */
  readonly size: number;
  /** Bytes asked for; 0 of a free block. */
  readonly requested: number;
  /** As given, with the protected bit; undefined for a free block, whose tag is what was left there. */
  readonly tag: number | undefined;
  readonly kind: PoolKind;
  readonly state: 'allocated' | 'free' | 'lookaside' | 'deferred';
  /** The part of a segment heap that the block is from; absent: classic pool. */
  readonly allocator?: HeapAllocator;
  /** Of a VS chunk: its header, which is in front of the block's. */
  readonly chunk?: Va;
  /** Who pays; undefined: nobody. */
  readonly process: Va | undefined;
}

/** The part of a segment heap that served an allocation. */
export type HeapAllocator = 'vs' | 'lfh' | 'segment' | 'large';

/** An allocation with pages of its own. */
export interface TrueBigAllocation {
  readonly address: Va;
  readonly bytes: number;
  readonly tag: number;
  readonly type: number;
  readonly kind: PoolKind;
  /** As that of a block. */
  readonly allocator?: HeapAllocator;
}

/** A pool descriptor with its counters. */
export interface TrueDescriptor extends DescriptorCounters {
  readonly address: Va;
  readonly kind: PoolKind;
  readonly index: number;
}

/** A lookaside list of small blocks with its counters; `size` is in bytes. */
export interface TrueLookaside extends LookasideCounters {
  readonly address: Va;
  readonly kind: PoolKind;
  readonly processor: number;
  /** Bytes of its blocks. */
  readonly size: number;
}

/** All that is in a pool, by those who put it there. */
export interface PoolTruth {
  /** By address. */
  readonly blocks: readonly TrueBlock[];
  readonly bigAllocations: readonly TrueBigAllocation[];
  readonly descriptors: readonly TrueDescriptor[];
  /** Those that were ever used. */
  readonly lookasides: readonly TrueLookaside[];
  readonly tags: readonly TagSums[];
}

const states = {
  [BlockState.allocated]: 'allocated',
  [BlockState.lookaside]: 'lookaside',
  [BlockState.deferred]: 'deferred',
} as const;

/** By address. */
export const poolBlocks = (parts: PoolParts, pools: Pools): TrueBlock[] =>
  pools.regions.flatMap((region) => blocksOf(parts, region, kindOf(pools, region))).sort(byAddress);

export function poolTruth(parts: PoolParts, pools: Pools): PoolTruth {
  return {
    blocks: poolBlocks(parts, pools),
    bigAllocations: [...pools.bigPages.entries()].map(({ va, bytes, tag, type }) => ({
      address: toVa(va),
      bytes,
      tag,
      type,
      kind: kindOf(
        pools,
        pools.regions.find((region) => region.holds(va)),
      ),
    })),
    descriptors: descriptorsOf(pools).map((pool) => ({
      address: toVa(pool.va),
      kind: pool.kind,
      index: pool.index,
      ...pool.counters(),
    })),
    lookasides: lookasidesOf(parts, pools),
    tags: pools.tracker.sums(),
  };
}

export function descriptorsOf({ nonPaged, nonPagedNx, paged, session }: Pools): PoolDescriptor[] {
  return [...new Set([nonPaged, nonPagedNx, ...paged]), ...(session === undefined ? [] : [session])];
}

const kindOf = (pools: Pools, region: PageRegion | undefined): PoolKind =>
  descriptorsOf(pools).find((pool) => pool.region === region)?.kind ?? 'nonpaged';

const byAddress = (a: TrueBlock, b: TrueBlock): number => (a.header < b.header ? -1 : 1);

function blocksOf(parts: PoolParts, region: PageRegion, kind: PoolKind): TrueBlock[] {
  const blocks: TrueBlock[] = [];
  for (const [index, use] of region.uses.entries()) {
    const ledger = region.findLedger(index);
    if (use === PageUse.none || ledger === undefined) continue;
    blocks.push(...pageBlocks(parts, region.start + index * pageSize, ledger, kind, use === PageUse.small));
  }
  return blocks;
}

/** Blocks of the account, and a free one in each gap; a page of a large allocation has blocks behind its data only. */
function pageBlocks(
  parts: PoolParts,
  page: KernelAddress,
  ledger: PageLedger,
  kind: PoolKind,
  isSmall: boolean,
): TrueBlock[] {
  const blocks: TrueBlock[] = [];
  const { unit } = parts.generation;
  const gap = (from: number, to: number): void => {
    if (to > from) blocks.push(blockAt(parts, page, from, to - from, kind));
  };
  let end = isSmall ? 0 : undefined;
  for (let at = 0; at < pageSize / unit; at++) {
    const state = ledger.states[at] as keyof typeof states | 0;
    if (state === BlockState.none) continue;
    if (end !== undefined) gap(end, at);
    end = at + ledger.units[at]!;
    blocks.push({
      ...blockAt(parts, page, at, ledger.units[at]!, kind),
      requested: ledger.requested[at]!,
      tag: ledger.tags[at]!,
      state: states[state],
      process: ledger.states[at] === BlockState.allocated ? payer(parts, page + at * unit) : undefined,
    });
  }
  if (end !== undefined) gap(end, pageSize / unit);
  return blocks;
}

function blockAt(
  { generation: { unit } }: PoolParts,
  page: KernelAddress,
  at: number,
  units: number,
  kind: PoolKind,
): TrueBlock {
  const header = toVa(page + at * unit);
  return {
    header,
    address: header + BigInt(unit),
    size: units * unit,
    requested: 0,
    tag: undefined,
    kind,
    state: 'free',
    process: undefined,
  };
}

const payer = ({ headers, billing }: PoolParts, header: KernelAddress): Va | undefined =>
  (headers.type(header) & headerType.quota) === 0 ? undefined : billing.read(header);

function lookasidesOf({ lookasides, generation }: PoolParts, { processorLists }: Pools): TrueLookaside[] {
  return processorLists.flatMap(({ nonPaged, nonPagedNx, paged }, processor) => {
    const arrays: readonly (readonly [PoolKind, KernelAddress | undefined])[] = [
      ['nonpaged', nonPaged],
      ['nonpaged-nx', nonPagedNx],
      ['paged', paged],
    ];
    return arrays.flatMap(([kind, array]) =>
      array === undefined
        ? []
        : Array.from({ length: lookasideSizes }, (_, index) => {
            const list = lookasides.list(array, index + 1);
            const size = (index + 1) * generation.unit;
            return { address: toVa(list), kind, processor, size, ...lookasides.counters(list) };
          }).filter(({ totalAllocates, totalFrees }) => totalAllocates + totalFrees > 0),
    );
  });
}
