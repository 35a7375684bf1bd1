import type { Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import {
  checkPool,
  findPoolDescriptors,
  ListBudget,
  type PoolCheck,
  poolKind,
  readPoolDescriptor,
} from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { examinePlace } from './examine-place.ts';
import type { Finding, Ground } from './finding.ts';
import { brokenHeapLinks } from './heap-search.ts';
import type { Place } from './places.ts';
import type { Scene } from './scene.ts';
import { withSuspects } from './with-suspects.ts';

/** Pool that is looked through before the search is given up: it takes a second or two. */
const mostBytes = 0x8000_0000;
/** Damaged places that are looked at closely. */
const mostPlaces = 8;

/** What a search of all pool found, and whether it saw everything. */
export interface PoolSearch {
  readonly findings: readonly Finding[];
  /** Every page of small blocks that the dump holds was looked at, and no damage was found. */
  readonly isHealthy: boolean;
  readonly pages: number;
}

/** Looks through the lists of free blocks and all pages of pool for damage that the crash itself does not lead to. */
export function searchPool(scene: Scene): PoolSearch {
  const { system } = scene;
  const isHeap = poolKind(system).kind === 'segment-heap';
  const broken = isHeap ? brokenHeapLinks(system) : brokenLinks(system);
  const listed = broken.slice(0, mostPlaces);
  const { check, damaged: seen } = boundedCheck(system);
  const damaged = seen.slice(0, mostPlaces).map((page) => searched(system, page));
  const findings = [...listed, ...damaged].flatMap((place) => findingAt(scene, place) ?? []);
  const pages = check?.pages.whole ?? 0;
  const isHealthy =
    check !== undefined &&
    check.cut === undefined &&
    pages > 0 &&
    check.damaged.length === 0 &&
    check.heapsUnknown.length === 0 &&
    listed.length === 0;
  return { findings, isHealthy, pages };
}

/** `check` is undefined where there is more pool than is looked through; `damaged`: pages found up to there. */
function boundedCheck(system: CrashedSystem): {
  readonly check: PoolCheck | undefined;
  readonly damaged: readonly Va[];
} {
  const damaged: Va[] = [];
  const run = checkPool(system);
  for (let step = run.next(); ; step = run.next()) {
    if (step.done === true)
      return { check: step.value, damaged: step.value.damaged.map(({ page }) => page.address) };
    if (step.value.what !== 'pages') continue;
    damaged.push(...step.value.damaged.map(({ page }) => page.address));
    if (step.value.done <= mostBytes) continue;
    run.return(undefined as never);
    return { check: undefined, damaged };
  }
}

const searched = (system: CrashedSystem, page: Va): Place => ({
  va: page,
  grounds: [
    {
      rule: 'found-by-search',
      claim: `A check of all pool finds the page ${system.shortText(page)} damaged.`,
      command: '!poolcheck -all',
    },
  ],
});

/** Links of free lists and of blocks that wait to be freed that lead nowhere. Others may be in the middle of a change. */
function brokenLinks(system: CrashedSystem): Place[] {
  const budget = new ListBudget();
  return runToEnd(findPoolDescriptors(system)).places.flatMap((place) => {
    const { lists, pendingFrees } = runToEnd(readPoolDescriptor(system, place, budget));
    const named = [
      ...lists.map(({ damage, index }) => ({ damage, name: `ListHeads[${index}]` })),
      ...(pendingFrees === undefined ? [] : [{ damage: pendingFrees.damage, name: 'PendingFrees' }]),
    ];
    return named.flatMap(({ damage, name }) =>
      damage
        .filter(({ rule }) => rule === 'link')
        .map(({ at }) => brokenPlace(system, at, `${name} of ${place.name}`)),
    );
  });
}

const brokenPlace = (system: CrashedSystem, at: Va, list: string): Place => {
  const claim = `${list} is broken: the link at ${system.shortText(at)} leads nowhere.`;
  const grounds: Ground[] = [{ rule: 'found-by-search', claim, command: `!pool ${system.shortText(at)}` }];
  return { va: at, grounds };
};

function findingAt(scene: Scene, place: Place): Finding | undefined {
  const found = examinePlace(scene, place, place.va);
  return found === undefined ? undefined : withSuspects(scene, found);
}
