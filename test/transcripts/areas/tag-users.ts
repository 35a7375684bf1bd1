import type { Area } from '../dumps.ts';

export const area: Area = {
  name: 'tag-users',
  runs: {
    'x64-tagged': [
      '!tagusers Leak',
      'explain',
      '!tagusers 0x6b61654c',
      "!tagusers 'Leak'",
      '!tagusers Nope',
      '!tagusers',
      '!tagusers TooLong',
      '!tagusers Le*',
    ],
    'x64-small': ['!tagusers Leak'],
    'x64-header': ['!tagusers Leak'],
    'arm64-full': ['!tagusers Leak'],
    'x86-full': ['!tagusers Leak'],
  },
};
