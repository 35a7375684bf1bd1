import type { Area } from '../dumps.ts';

const report = ['!analyze', '!analyze -v', 'explain'];

/** The explanation of bug checks is the same on every dump. */
const explanations = [
  '!analyze -show 0x139 1d',
  '!analyze -show c2',
  '!analyze -show c2 7 0 4a0018 @$bug_param2',
  '!analyze -show 50 ffff9a0c4d705180 2',
  '!analyze -show 1000007e',
  '!analyze -show 1e0',
  'explain',
];

const refused = [
  '!analyze -hang',
  '!analyze -xml',
  '!analyze -c',
  '!analyze -q',
  '!analyze -show',
  '!analyze -show c2 1 2 3 4 5',
  '!analyze -show nosuch',
];

export const area: Area = {
  name: 'analyze',
  runs: {
    'x64-kernel': [...report, ...explanations, ...refused],
    'x64-pool-free': report,
    'x64-page-fault': report,
    'x64-system-thread': report,
    'x64-small': report,
    'x64-header': report,
    'x86-full': report,
    'arm64-full': report,
  },
};
