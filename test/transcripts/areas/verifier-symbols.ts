import type { Area } from '../dumps.ts';

/** What only symbols of the kernel lead to. */
export const area: Area = {
  name: 'verifier-symbols',
  symbols: true,
  runs: {
    'x64-verifier': [
      '!verifier 3',
      '!verifier 3 SAMPLEDRV',
      '!verifier 3 ghostdrv.sys',
      '!verifier f storfilt.sys',
      '!verifier 80 ffffd286`1c40c800',
      '!verifier 8',
      '!verifier 8 14',
      '!verifier 4',
      '!verifier 200',
      '!verifier 200 @$thread',
    ],
    'x64-kernel': ['!verifier 1', '!verifier 80', '!verifier 8'],
  },
};
