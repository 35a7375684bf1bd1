import type { Va } from '../../base/index.ts';
import type { PoolBlock, PoolRegion, SpecialBlock } from '../../pool/index.ts';
import { tagText } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { BlockFacts, VictimFacts } from '../report.ts';

/** A block of small pool; a freed one that is kept for the next request counts as free. */
export const classicBlock = (
  system: CrashedSystem,
  block: PoolBlock,
  region: PoolRegion | undefined,
): BlockFacts => ({
  ...victimOf(system, block),
  pool: poolOf(block, region),
  allocator: block.heapPart ?? 'classic',
});

/** A large allocation: as its owner knows it. */
export const largeBlock = (
  { hex }: CrashedSystem,
  { address, size, tag }: { readonly address: Va; readonly size: bigint; readonly tag: string },
  region: PoolRegion,
): BlockFacts => ({
  address: hex(address),
  size: Number(size),
  tag,
  pool: poolOfRegion(region),
  allocator: 'big',
  state: 'allocated',
});

export const victimOf = ({ hex }: CrashedSystem, { address, size, tag, state }: PoolBlock): VictimFacts => ({
  address: hex(address),
  size,
  tag: tag === '' ? null : tag,
  state: state === 'allocated' ? 'allocated' : 'free',
});

/** A block whose header is lost. */
export const lostBlock = (
  { hex }: CrashedSystem,
  address: Va,
  size: number | undefined,
  state: VictimFacts['state'],
): VictimFacts => ({ address: hex(address), size: size ?? null, tag: null, state });

export const specialBlock = ({ hex }: CrashedSystem, block: SpecialBlock): BlockFacts => ({
  address: hex(block.address),
  size: block.size,
  tag: tagText(block.tag),
  pool: block.inSession ? 'session' : block.paged ? 'paged' : 'nonpaged',
  allocator: 'special',
  state: 'allocated',
});

/** A freed block of special pool of which only the log tells. */
export const loggedBlock = (
  { hex }: CrashedSystem,
  address: Va,
  size: bigint | number | undefined,
): BlockFacts => ({
  address: hex(address),
  size: size === undefined ? null : Number(size),
  tag: null,
  pool: null,
  allocator: 'special',
  state: 'free',
});

/** Which pool a block of a region is from whose header is lost. */
export function poolOfRegion(region: PoolRegion): BlockFacts['pool'] {
  if (region.name === 'paged') return 'paged';
  if (region.name === 'paged-session') return 'session';
  const isNonPaged = region.name === 'nonpaged' || region.name === 'nonpaged-expansion';
  return isNonPaged ? (region.executable === false ? 'nonpaged-nx' : 'nonpaged') : null;
}

/** The block's own header says paged or not; where nonpaged memory may not be run is known from its page. */
function poolOf(block: PoolBlock, region: PoolRegion | undefined): BlockFacts['pool'] {
  if (block.session || region?.name === 'paged-session') return 'session';
  if (block.paged === true || region?.name === 'paged') return 'paged';
  if (block.paged === undefined && region?.name !== 'nonpaged' && region?.name !== 'nonpaged-expansion')
    return null;
  return region?.executable === false ? 'nonpaged-nx' : 'nonpaged';
}
