import { pageOf, type Va } from '../base/index.ts';
import { type DescriptorPlace, findPoolDescriptors, type PoolUse } from './descriptor-places.ts';
import { listHeads, readPendingFrees } from './descriptors.ts';
import { type PoolFormat, poolFormat } from './format.ts';
import { type BlockList, type FreeList, walkFreeList } from './free-list.ts';
import type { SearchedKernel } from './kernel-data.ts';
import { ListBudget } from './list-budget.ts';
import { type LookasidePlace, poolLookasides } from './lookaside-places.ts';
import { lookasideEntries } from './lookasides.ts';
import type { PoolBlock, PoolPage } from './page.ts';

/** A list of the pool that a block is on. */
export interface BlockPlace {
  readonly kind: 'free-list' | 'lookaside' | 'pending';
  /** `ListHeads[8] of nt!NonPagedPoolDescriptor`, `the lookaside list KPRCB.PPNPagedLookasideList[3] of processor 0`. */
  readonly name: string;
  /** Of the descriptor or lookaside list. */
  readonly address: Va;
}

/**
 * What the lists say of a block.
 * - `listed`: it is on a list, as its header says
 * - `unlisted`: its header says that it is free or put aside, and it is on none of the lists that were followed to their ends
 * - `in-use`: it is on a list, and its header says that it is in use
 * - `wrong-list`: it is on a list for other blocks than its header says it is
 * - `no-header`: a list leads into the page to where no block is
 */
export interface BlockFinding {
  readonly kind: 'listed' | 'unlisted' | 'in-use' | 'wrong-list' | 'no-header';
  /** Of the header. */
  readonly address: Va;
  readonly on: readonly BlockPlace[];
}

/** What the lists of the pool tell of one page. */
export interface PageKnowledge {
  readonly findings: readonly BlockFinding[];
  /** Lists that could not be followed, and why, one sentence each without a full stop: what is `unlisted` may be on those. */
  readonly gaps: readonly string[];
}

interface Known {
  readonly place: BlockPlace;
  readonly list: BlockList;
}

const pagesOf = new WeakMap<BlockList, ReadonlyMap<Va, readonly Va[]>>();

/** Blocks of a list that are on one page: a list can be long, and is asked for one page after the other. */
function blocksOn(list: BlockList, page: Va): readonly Va[] {
  let pages = pagesOf.get(list);
  if (pages === undefined) {
    const made = new Map<Va, Va[]>();
    for (const { address } of list.blocks) {
      const at = pageOf(address);
      const there = made.get(at);
      if (there === undefined) made.set(at, [address]);
      else there.push(address);
    }
    pages = made;
    pagesOf.set(list, pages);
  }
  return pages.get(page) ?? [];
}

/**
 * The lists of one kernel as they are asked for: each is followed once. Of the free lists only those are looked at whose size
 * occurs on a page, so that one page costs little.
 */
class PoolLists {
  readonly #kernel: SearchedKernel;
  readonly #format: PoolFormat;
  readonly #free = new Map<Va, FreeList>();
  /** Lists stay known, so that what they hold adds up. */
  readonly #budget = new ListBudget();
  #single: readonly Known[] | undefined;

  constructor(kernel: SearchedKernel) {
    this.#kernel = kernel;
    this.#format = poolFormat(kernel);
  }

  /** Lists of free blocks of a size; what is filed one lower counts too. */
  *freeLists(place: DescriptorPlace, units: ReadonlySet<number>): Generator<number, Known[]> {
    const found: Known[] = [];
    for (const { index, head } of listHeads(this.#kernel, place)) {
      if (!units.has(index) && !units.has(index + 1)) continue;
      let list = this.#free.get(head);
      if (list === undefined) {
        list = yield* walkFreeList(this.#kernel, this.#format, index, head, this.#budget);
        this.#free.set(head, list);
      }
      const name = `ListHeads[${index}] of ${place.name}`;
      found.push({ list, place: { kind: 'free-list', name, address: place.address } });
    }
    return found;
  }

  /** Lists of blocks that are put aside, or wait to be freed. */
  singleLists(descriptors: readonly DescriptorPlace[]): readonly Known[] {
    this.#single ??= [
      ...this.#kernel.processors.flatMap((processor) =>
        poolLookasides(this.#kernel, processor).map((place) => this.#lookaside(place)),
      ),
      ...descriptors.flatMap((place) => this.#pending(place)),
    ];
    return this.#single;
  }

  #lookaside(place: LookasidePlace): Known {
    const owner = place.processor === undefined ? '' : ` of processor ${place.processor}`;
    return {
      list: lookasideEntries(this.#kernel, place, this.#budget),
      place: {
        kind: 'lookaside',
        name: `the lookaside list ${place.from}${owner}`,
        address: place.address,
      },
    };
  }

  #pending(place: DescriptorPlace): Known[] {
    const list = readPendingFrees(this.#kernel, place, this.#budget);
    if (list === undefined) return [];
    const name = `PendingFrees of ${place.name}`;
    return [
      {
        list,
        place: { kind: 'pending', name, address: place.address },
      },
    ];
  }
}

const known = new WeakMap<SearchedKernel, PoolLists>();

/** Asks the lists of the pool about the blocks of a page. Yields now and then. */
export function* pageKnowledge(kernel: SearchedKernel, page: PoolPage): Generator<number, PageKnowledge> {
  const { places, missing } = yield* findPoolDescriptors(kernel);
  const lists = known.get(kernel) ?? new PoolLists(kernel);
  known.set(kernel, lists);
  const format = poolFormat(kernel);
  const units = new Set(page.blocks.map(({ size }) => size / format.unit));
  const all: Known[] = [];
  for (const place of places) all.push(...(yield* lists.freeLists(place, units)));
  all.push(...lists.singleLists(places));
  const findings = judge(page, format, all).filter(
    ({ kind }) => kind !== 'unlisted' || places.some(({ use }) => mayServe(use, page)),
  );
  return { findings, gaps: [...missing, ...gapsOf(all)] };
}

/** Can the blocks of a page belong to such a pool? Free ones do not tell. */
const mayServe = (use: PoolUse, { blocks }: PoolPage): boolean =>
  blocks.every(
    ({ paged, session }) =>
      paged === undefined ||
      (paged ? use === (session ? 'paged-session' : 'paged') : use.startsWith('nonpaged')),
  );

const gapsOf = (all: readonly Known[]): string[] =>
  all.flatMap(({ place, list }) => (list.cut === undefined ? [] : [`${place.name}: ${list.cut}`]));

function judge(page: PoolPage, format: PoolFormat, all: readonly Known[]): BlockFinding[] {
  const on = new Map<Va, BlockPlace[]>();
  for (const { place, list } of all)
    for (const address of blocksOn(list, page.address)) on.set(address, [...(on.get(address) ?? []), place]);
  const blocks = new Map(page.blocks.map((block) => [block.address, block]));
  const findings = page.blocks.flatMap((block) => judgeBlock(format, block, on.get(block.address) ?? []));
  const strays = [...on].filter(([address]) => !blocks.has(address) && isExplained(page, address));
  return [
    ...findings,
    ...strays.map(([address, places]): BlockFinding => ({ kind: 'no-header', address, on: places })),
  ].sort((a, b) => Number(a.address - b.address));
}

/** In a part of the page whose headers are known: elsewhere a lost header says nothing. */
const isExplained = ({ unexplained }: PoolPage, at: Va): boolean =>
  !unexplained.some(({ start, end }) => at >= start && at < end);

function judgeBlock(
  { unit, encoding }: PoolFormat,
  { address, state, size }: PoolBlock,
  on: readonly BlockPlace[],
): BlockFinding[] {
  const isFree = state === 'free';
  if (on.length === 0)
    return state === 'allocated' || size <= unit ? [] : [{ kind: 'unlisted', address, on }];
  const isOnFree = on.some(({ kind }) => kind === 'free-list');
  // Before Vista the type of a block that is put aside may be that of one in use.
  const mayBeAside = state === 'cached' || (state === 'allocated' && encoding === 'plus-one');
  if (isFree ? isOnFree && on.length === 1 : mayBeAside && !isOnFree)
    return [{ kind: 'listed', address, on }];
  return [{ kind: state === 'allocated' ? 'in-use' : 'wrong-list', address, on }];
}
