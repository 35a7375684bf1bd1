import type { SearchedKernel } from '../kernel-data.ts';
import { poolKind } from '../kind.ts';
import { listBigPages } from '../list-big-pages.ts';
import { readAsideBlocks } from './aside-blocks.ts';
import type { CensusEnd, CensusStep, CensusTaker } from './census-types.ts';
import { walkClassic } from './classic-census.ts';
import { walkHeapCensus } from './heap-census.ts';
import { walkLarge } from './large-census.ts';
import { PageTeller } from './page-teller.ts';
import { walkSpecial } from './special-census.ts';

/**
 * Tells every page of pool that is in the dump, and what is on it: small blocks, large allocations, special pool; of the
 * classic pool and of segment heaps. Ranges follow each other by address; heaps, special pool and large allocations do not.
 * The walks are bounded by the size of the dump; how much is kept the taker decides.
 */
export function* takeCensus(kernel: SearchedKernel, taker: CensusTaker): Generator<CensusStep, CensusEnd> {
  const teller = new PageTeller(taker);
  const big = yield* asSteps(listBigPages(kernel), teller);
  const notes: string[] = [];
  const cuts: (string | undefined)[] = [];
  if (poolKind(kernel).kind === 'segment-heap') {
    const end = yield* walkHeapCensus(kernel, big.allocations, teller);
    notes.push(...end.notes);
    cuts.push(end.cut);
  } else {
    const aside = yield* asSteps(readAsideBlocks(kernel), teller);
    cuts.push(yield* walkClassic(kernel, big, aside, teller));
    if (big.unknown !== undefined)
      notes.push(`pages of large allocations are told by their bytes alone: ${big.unknown}`);
  }
  cuts.push(yield* walkSpecial(kernel, teller));
  yield* walkLarge(kernel, big.allocations, teller);
  return { pages: teller.count, notes, cut: cuts.find((cut) => cut !== undefined) };
}

function* asSteps<T>(run: Generator<number, T>, { count }: PageTeller): Generator<CensusStep, T> {
  for (let step = run.next(); ; step = run.next()) {
    if (step.done === true) return step.value;
    yield { what: 'tables', pages: count };
  }
}
