import type { Area } from '../dumps.ts';

const isLoaded = ['lm m nt', 'x nt!Internal*'];

const commands = [
  '.sympath',
  ...isLoaded,
  '.sympath symbols',
  '.sympath',
  ...isLoaded,
  '.reload',
  ...isLoaded,
  '.sympath+ C:\\more;"more"',
  '.reload sampledrv',
  '.reload /f sampledrv.sys',
  'ld sampledrv',
  'ld nt',
  '.reload /f nosuch',
  '.reload /f nt hal',
  '.symfix; .echo the next command',
  '.symfix+ down',
  '.symfix a;b',
  '.sympath+',
  'k',
  '.reload',
  'lm m nt',
  'x nt!Internal*',
  'k',
];

export const area: Area = {
  name: 'symbol-path',
  symbols: 'folder',
  runs: { 'x64-kernel': commands },
};
