import { brokenLists } from '../broken-lists.ts';
import { type Area, machineOf } from '../dumps.ts';

const { circle, user, lookaside } = brokenLists(machineOf('x64-broken-lists').truth.pool!);
const text = (address: bigint): string => BigInt.asUintN(64, address).toString(16);

/** Lists of the pool that run in circles or lead nowhere, and addresses that are none of pool. */
export const area: Area = {
  name: 'pool-broken-lists',
  runs: {
    'x64-broken-lists': [
      `!pool ${text(circle)}`,
      `!pool ${text(circle)} 2`,
      `!pool ${text(user)} 2`,
      `!poolval ${text(circle)}`,
      `!poolval ${text(user)}`,
      `!lookaside ${text(lookaside)}`,
      '!poolcheck -all',
      '!pool 7ff`12345678',
      '!poolval 7ff`12345678',
      '!poolmap 7ff`12345678',
      '!lookaside 7ff`12345678',
      '!address 7ff`12345678',
      '!pool 8000`00000000',
      '!poolval 8000`00000000',
      '!poolcheck 8000`00000000 L1000',
      '!pool ffffffff`ffffffff',
      '!poolmap ffffffff`fffff000 3',
    ],
    // A small dump has parts of pages.
    'x64-9200-small': ['!pool @$bug_param2', '!poolval @$bug_param2', '!poolmap @$bug_param2', '!poolcheck -all'],
  },
};
