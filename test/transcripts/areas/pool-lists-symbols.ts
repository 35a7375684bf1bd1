import type { Area } from '../dumps.ts';

/** Lists of the pool that only symbols of the kernel lead to. */
export const area: Area = {
  name: 'pool-lists-symbols',
  symbols: true,
  runs: {
    'x64-7601': ['!poolused 8', '!poolused 2 N*', '!lookaside', '!lookaside 0'],
  },
};
