import type { Area } from '../dumps.ts';

/** Addresses of every state that a page can have, on the x64 machine. */
const states = [
  'nt',
  'ffffd286`1a501000',
  'ffffd286`1a503000',
  'ffffd286`1a505000',
  'ffffd286`1a507000',
  'ffffd286`225edcb8',
  'ffffd286`1a502000',
  '0',
  '8000`00000000',
];

const narrowStates = ['nt', '9a501000', '9a503000', '9a505000', '9a507000', 'a25edcb8', '9a502000', '0'];

const paging = (addresses: readonly string[]): string[] =>
  ['!pte', '!vtop', 'why'].flatMap((command) => addresses.map((address) => `${command} ${address}`));

const wrong = [
  '!pte',
  '!pte nosuch',
  '!pte nt 1 1',
  '!pte nt nt+2000000',
  '!pte 10 1',
  '!vtop',
  '!vtop 0 nosuch',
  '!ptov nosuch',
  '!ptov 0 0 0',
  '!ptov 0 ffffffffffff',
  'why',
  'why nosuch',
];

export const area: Area = {
  name: 'paging',
  runs: {
    'x64-kernel': [
      ...paging(states),
      '!pte FFFFF57C020E1000',
      '!pte FFFFF57C020E1000 1',
      '!pte nt nt+1fff',
      '!vtop 0 nt',
      '!vtop poi($proc+28) nt',
      '!vtop poi($proc+28)/1000 nt',
      '!vtop 643 nt',
      '!ptov 0 (poi(FFFFF57C020E1000)>>c)&fffffff',
      '!ptov poi($proc+28)/1000 (poi(FFFFF57C020E1008)>>c)&fffffff',
      '!ptov 0 1',
      'why nt+1010',
      'why nt+3000',
      'why $csp',
      'why $thread',
      'why $proc',
      'why fffff780`00000000',
      'why FFFFF57C020E1000',
      'why fffff804`21a60000',
      'why 7ffb`1c2d04aa',
      ...wrong,
    ],
    'x64-small': ['why nt', 'why nt+1000', 'why $csp', 'why $csp-10', 'why $thread', 'why 0', '!pte nt', '!vtop 0 nt', '!ptov'],
    'x64-header': ['why @rip', '!pte @rip', '!vtop @rip', '!ptov'],
    'x86-full': [
      ...paging(narrowStates),
      '!vtop poi($proc+18) nt',
      '!pte C040E0A0',
      'why C040E0A0',
      '!ptov 0 4c7',
      'why ffdf0000',
    ],
    'arm64-full': [...paging(['nt', 'ffffa903`225edcb8', '0']), '!ptov 0 643'],
  },
};
