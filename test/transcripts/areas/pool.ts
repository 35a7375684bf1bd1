import type { Area } from '../dumps.ts';

const wide = (page: number, offset = 0): string => `fffffa80\`${(0x03f4_2000 + page * 0x1000 + offset).toString(16).padStart(8, '0')}`;
const narrow = (page: number, offset = 0): string => (0x86a0_0000 + page * 0x1000 + offset).toString(16);

const wrong = ['!pool', '!pool nosuch', '!poolval', '!poolval nosuch', '!pool 10000', '!poolval 7ff`00000000'];
const pages = Array.from({ length: 9 }, (_, page) => page + 1);

export const area: Area = {
  name: 'pool',
  runs: {
    'x64-classic': [
      `!pool ${wide(0)}`,
      `!pool ${wide(0, 0x5a0)}`,
      `!pool ${wide(0, 0x600)} 1`,
      `!pool ${wide(0, 0x600)} 2`,
      `!pool ${wide(0, 0x600)} 80000003`,
      `!pool ${wide(7)} 80000000`,
      `!poolval ${wide(0)} 2`,
      ...pages.flatMap((page) => [`!pool ${wide(page, 0x3a0)}`, `!poolval ${wide(page)}`]),
      '!pool fffff8a0`00010210',
      '!pool fffffa80`0bad0000',
      '!poolval fffffa80`0bad0000',
      '!pool nt+1000',
      '!poolval nt+1000',
      `!pool ${wide(0)} 1 1`,
      ...wrong,
    ],
    'x86-classic': [
      `!pool ${narrow(0, 0x200)}`,
      `!pool ${narrow(0, 0x200)} 3`,
      `!pool ${narrow(1, 0x3a0)}`,
      ...pages.map((page) => `!poolval ${narrow(page)}`),
      '!pool 8bad0000',
      '!pool 77a40000',
    ],
    'x64-pool-free': ['!pool ffff9a0c`4d605390', '!poolval ffff9a0c`4d605390', '!pool ffff9a0c`0bad0000', '!pool 0'],
    'x64-small': ['!pool @rsp', '!pool $thread', '!poolval $thread', '!pool ffff9a0c`0bad0000'],
    'x64-header': ['!pool @rip', '!pool ffff9a0c`4d605390', '!poolval ffff9a0c`4d605390', '!pool nt'],
    'arm64-small': ['!pool $thread', '!poolval ffffbb8e`4d605390', '!pool 1'],
  },
};
