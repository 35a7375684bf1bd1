import type { Area } from '../dumps.ts';

/** Forms that need what this console does not have, or make no sense. */
const wrong = [
  '!verifier nosuch',
  '!verifier 1 no/such',
  '!verifier 100000000',
  '!verifier 80 0',
  '!verifier 8 0',
  '!verifier -disable',
  '!verifier 20',
  '!verifier 40',
  '!verifier 100',
  '!verifier 400',
  '!verifier 800',
];

/** Where the lab's machines keep special pool: a block, its guard page, and a page whose block was freed. */
const wide = { block: 'ffffd286`1c400820', freed: 'ffffd286`1c40c800' };
const narrow = { block: '9c400828', freed: '9c40c800' };

export const area: Area = {
  name: 'verifier',
  runs: {
    'x64-verifier': [
      '!verifier',
      'explain',
      '!verifier 3',
      '!verifier f sampledrv.sys',
      '!verifier ?',
      '!verifier 80',
      'explain',
      '!verifier 80 2',
      `!verifier 80 ${wide.freed}`,
      `!verifier 80 ${wide.block}+7d2`,
      `!verifier 80 ${wide.block}+7d3`,
      '!verifier 4',
      '!verifier 8',
      '!verifier 200 @$thread',
      ...['400820', '401000', '404000', '403000', '406dc0', '409a00', '40c800', '40d000'].map(
        (low) => `!pool ffffd286\`1c${low}`,
      ),
      '!fpsearch',
      '!fpsearch ffffd286`1c40c800',
      'explain',
      '!fpsearch ffffd286`1c400820',
      '!fpsearch nosuch',
      ...wrong,
    ],
    'x86-verifier': [
      '!fpsearch',
      '!pool 9c400828',
      '!pool 9c401000','!verifier', `!verifier 80 ${narrow.freed}`, `!verifier 80 ${narrow.block}`, '!verifier 80 1', ...wrong.slice(0, 4)],
    'x64-kernel': ['!verifier', '!verifier 1', '!verifier 80', '!verifier 80 fffff980`0a7fe800'],
    'x64-small': ['!verifier', '!verifier 80', '!fpsearch'],
    'x64-header': ['!verifier', '!verifier 80'],
    'arm64-full': ['!verifier', '!verifier 80'],
  },
};
