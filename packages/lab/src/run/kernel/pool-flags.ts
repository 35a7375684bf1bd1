import { type Instruction, mark } from '../../image/code.ts';
import { jump, moveImmediate } from '../../image/x64-code.ts';
import { jumpIf, or, test, xor } from '../../image/x64-data.ts';
import { PoolType } from '../../pool/pool-type.ts';

/** POOL_FLAGS of ExAllocatePool2, and the POOL_TYPE that each means. Source: Microsoft's page on POOL_FLAGS. */
const flags = { session: 4, cacheAligned: 8, nonPaged: 0x40, execute: 0x80, paged: 0x100 } as const;
/** POOL_FLAG_UNINITIALIZED: the block is not zeroed. */
export const uninitialized = 2;
const flagTypes: readonly (readonly [flag: number, type: number])[] = [
  [flags.nonPaged, PoolType.NonPagedPoolNx],
  [flags.execute, PoolType.NonPagedPool],
  [flags.paged, PoolType.PagedPool],
];
const cacheAlignedType = 4;
const sessionType = 0x20;

/** Flags in ecx; the POOL_TYPE comes back in edi. Without a flag that names a pool the code goes on at `done`. */
export const poolTypeOfFlags = (): Instruction[] => [
  xor('rdi', 'rdi', 4),
  ...flagTypes.flatMap(([flag, type]) => [
    test('rcx', flag, 4),
    jumpIf('e', `not ${flag}`),
    moveImmediate('rdi', type),
    jump('kind'),
    mark(`not ${flag}`),
  ]),
  jump('done'),
  mark('kind'),
  ...(
    [
      [flags.cacheAligned, cacheAlignedType],
      [flags.session, sessionType],
    ] as const
  ).flatMap(([flag, bit]) => [
    test('rcx', flag, 4),
    jumpIf('e', `not ${flag}`),
    or('rdi', bit, 4),
    mark(`not ${flag}`),
  ]),
];
