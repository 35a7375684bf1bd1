import { type Area, type DumpName, machineOf } from '../dumps.ts';

/** `!pool` of the first blocks of a dump that are free, put aside and waiting, and its first lookaside list in use. */
function listed(dump: DumpName): string[] {
  const { blocks, lookasides } = machineOf(dump).truth.pool!;
  const text = (address: bigint) => BigInt.asUintN(dump.startsWith('x86') ? 32 : 64, address).toString(16);
  const ofState = (wanted: string) =>
    blocks.filter(({ state, size }) => state === wanted && size > 0x20).slice(0, 1).map(({ header }) => `!pool ${text(header)} 2`);
  const lookaside = lookasides.filter(({ depth }) => depth > 0).slice(0, 1).map(({ address }) => `!lookaside ${text(address)}`);
  return [...ofState('free'), ...ofState('lookaside'), ...ofState('deferred'), ...lookaside];
}

const wrong = [
  '!poolused 6',
  '!poolused 10',
  '!poolused 0 Files',
  '!poolused nosuch',
  '!lookaside nosuch',
  '!lookaside @rip 1',
  '!lookaside @rip 2 100',
  '!lookaside @rip 3',
  '!lookaside ffffffff`fffff000',
  '!pooltag',
  '!pooltag Files',
  '!pooltag F*',
];

/** Lists and counts of the pool, by what the dump itself tells. */
export const area: Area = {
  name: 'pool-lists',
  runs: {
    'x64-7601': [
      '!poolused',
      '!poolused 2',
      'explain',
      '!poolused 4 M*',
      '!poolused 1 File',
      "!poolused 0 'Irp '",
      '!poolused 8',
      '!poolused -?',
      '!lookaside',
      ...listed('x64-7601'),
      'explain',
      '!pooltag File',
      "!pooltag 'Irp '",
      '!pooltag Irp',
      '!pooltag Zzzz',
      ...wrong,
    ],
    'x86-7601': ['!poolused 2', ...listed('x86-7601')],
    'x64-17763': ['!poolused 4', ...listed('x64-17763')],
    'x64-kernel': ['!poolused', '!poolused 8', '!lookaside'],
    'x64-small': ['!poolused', '!lookaside', '!lookaside -all'],
    'arm64-small': ['!poolused', '!lookaside', '!pooltag Proc'],
  },
};
