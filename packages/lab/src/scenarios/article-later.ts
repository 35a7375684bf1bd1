import {
  ArticleMyfault,
  part2,
  part3,
  returnBlock,
  secondPlaces,
  thirdPlaces,
  thirdPlainPlaces,
} from '../article/index.ts';
import { BlockCache, myfaultControls } from '../drivers/index.ts';
import { PoolType } from '../pool/index.ts';
import type { WatchOptions } from '../run/index.ts';
import type { Scenario } from './scenario.ts';
import { blockTruth } from './scenario-run.ts';
import { lastBlock, tellOfLast, watchedMyfault } from './special-run.ts';

/** Special pool begins to take addresses in the page of entries that an address belongs to. */
const watchedFrom = (address: bigint): WatchOptions => ({
  ...watchedMyfault,
  specialPoolSlice: Number((address - 0xffff_f980_0020_0000n) / 0x20_0000n),
});

export const article2: Scenario = {
  name: 'article-2',
  title: 'The same with special pool, at the addresses of the article',
  difficulty: 'easy',
  story:
    'Driver Verifier gives the blocks of a driver pages of their own. The driver stops the machine as soon as it leaves its block.',
  places: secondPlaces,
  watch: watchedFrom(part2.guard),
  drivers: () => [new ArticleMyfault()],
  run(run) {
    run.warmUp();
    tellOfLast(run, 'pool-overrun');
    run.control('myfault', myfaultControls.overrunText);
  },
};

export const article3: Scenario = {
  name: 'article-3',
  title: 'A block freed twice with special pool, at the addresses of the article',
  difficulty: 'easy',
  story:
    'A driver frees a block that Driver Verifier gave a page of its own. When it frees it again, its page is not there any more.',
  places: thirdPlaces,
  watch: watchedFrom(part3.header),
  drivers: () => [new ArticleMyfault()],
  run(run) {
    run.warmUp();
    for (const block of [part3.irp, part3.buffer])
      returnBlock(run.machine.classicPool, { ...block, type: PoolType.NonPagedPool }, run.machine.processor);
    tellOfLast(run, 'double-free', { state: 'free', more: (freedAddress) => ({ freedAddress }) });
    run.control('myfault', myfaultControls.doubleFree, new Uint8Array(8));
  },
};

export const article3Plain: Scenario = {
  name: 'article-3-plain',
  title: 'A block freed twice, at the addresses of the article',
  difficulty: 'easy',
  story: 'A driver frees a block and, on the way out, frees it again. The pool notices at once.',
  places: thirdPlainPlaces,
  drivers: () => [new BlockCache(), new ArticleMyfault()],
  run(run) {
    const { page, blocks } = part3.plain;
    run.warmUp();
    // No list holds a block that is large enough but that of the article.
    run.cacheUntilFreshPage(part3.block.size);
    run.machine.classicPool.adoptPage(PoolType.NonPagedPool, page, blocks);
    run.tell(() => {
      const block = blockTruth(run.blockAt(lastBlock(run)));
      return {
        kind: 'double-free',
        culprit: 'myfault.sys',
        block,
        victims: [],
        freedAddress: lastBlock(run),
      };
    });
    run.control('myfault', myfaultControls.doubleFree);
  },
};
