import { firstPlaces, part1 } from '../article/index.ts';
import { BlockCache, Myfault, myfaultControls, PathTable, pathTableControls } from '../drivers/index.ts';
import { PoolType } from '../pool/index.ts';
import { overrun } from './overrun.ts';
import type { Scenario } from './scenario.ts';
import type { ScenarioRun } from './scenario-run.ts';
import { stuck } from './story-error.ts';

const page = 0x1000n;
const header = 0x10;
const mostPages = 0x180;
/** A block of the size that the other driver asks for; and what is left of a page behind one. */
const smallBlock = 0x110;
const restOfPage = 0x1000 - (smallBlock + header) - header;

/** Blocks are taken until no list holds one that is as large as the other driver's. */
function emptyLists(run: ScenarioRun): void {
  run.cacheUntilFreshPage(smallBlock);
  run.cache(restOfPage);
}

/** Whole pages are taken until the next one is that of the article. */
function takePagesUpTo(run: ScenarioRun, wanted: bigint): void {
  for (let tries = 0; tries < mostPages; tries++) if (run.cache(Number(page)) + page === wanted) return;
  stuck(`the page at ${wanted.toString(16)} was not the next one`);
}

/** The first part of the article about pool corruption, at its addresses. */
export const article1: Scenario = {
  name: 'article-1',
  title: 'A text longer than its block, at the addresses of the article',
  difficulty: 'easy',
  story:
    'A driver copies a text into a block without looking at its length. Another driver asks for memory and stops the machine.',
  places: firstPlaces,
  drivers: () => [new BlockCache(), new PathTable(), new Myfault()],
  run(run) {
    const { healthyPage, damagedPage } = part1;
    run.warmUp();
    run.machine.classicPool.adoptPage(PoolType.NonPagedPoolNx, healthyPage.address, healthyPage.blocks);
    emptyLists(run);
    takePagesUpTo(run, damagedPage.address);
    overrun(run, myfaultControls.overrunText, 'text');
    run.control('pathtbl', pathTableControls.addPath);
  },
};
