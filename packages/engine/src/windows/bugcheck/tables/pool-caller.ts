import { type Entry, fixed, reserved, subcoded } from '../entry.ts';
import {
  access,
  address,
  ip,
  irql,
  named,
  pfn,
  poolBlock,
  poolHeader,
  poolTag,
  poolType,
  size,
  value,
} from '../parameters.ts';

const freed = poolBlock('the address being freed');
const referenced = address('the memory that was referenced');
const notInNonpaged = 'free of an address in nonpaged pool that is not allocated';
const notInPaged = 'free of an address in paged pool that is not allocated';
const neverPool = 'free of an address outside every pool';
const badHeader = 'the pool header is damaged';
const badQuota = 'release of quota for a block whose quota pointer is damaged';

/** Requests to the pool allocator that are wrong in themselves, and its failures. */
export const poolCallerChecks: readonly Entry[] = [
  fixed(
    0x41,
    'yes',
    'A request for must-succeed pool could not be met; drivers may not ask for it.',
    size('bytes requested'),
    value('pages used from nonpaged pool'),
    value('nonpaged requests larger than a page'),
    value('pages available'),
  ),
  subcoded(0xc2, 'yes', 'The current thread made a bad pool request.', 1, {
    0x0: ['allocation of zero bytes', reserved, poolType(), poolTag()],
    0x1: [badHeader, poolHeader(), value('first part of the header')],
    0x2: [badHeader, poolHeader(), value('first part of the header')],
    0x4: [badHeader, poolHeader(), value('first part of the header')],
    0x6: ['free of a block that is free already', reserved, poolHeader(), value('contents of the header')],
    0x7: ['free of a block that is free already', reserved, value('contents of the header'), freed],
    0x8: [
      'allocation at an IRQL too high for this pool',
      irql('current IRQL'),
      poolType(),
      size('bytes requested'),
    ],
    0x9: ['free at an IRQL too high for this pool', irql('current IRQL'), poolType(), freed],
    0xa: [
      'free with another tag than that of the allocation',
      freed,
      poolTag('tag of the allocation'),
      poolTag('tag given to the free'),
    ],
    0xb: [
      badQuota,
      poolBlock(),
      poolTag('tag of the allocation'),
      value('the bad pointer to the quota process'),
    ],
    0xc: [
      badQuota,
      poolBlock(),
      poolTag('tag of the allocation'),
      value('the bad pointer to the quota process'),
    ],
    0xd: [
      badQuota,
      poolBlock(),
      poolTag('tag of the allocation'),
      value('the bad pointer to the quota process'),
    ],
    0x40: ['free of a user-mode address', freed, address('start of system space')],
    0x41: [notInNonpaged, freed, pfn(), pfn('the highest page frame number')],
    0x42: [neverPool, freed],
    0x43: [neverPool, freed],
    0x44: [notInNonpaged, freed],
    0x46: ['free of an address that is no pool block', freed],
    0x47: [notInNonpaged, freed, pfn(), pfn('the highest page frame number')],
    0x48: [notInPaged, freed],
    0x50: [notInPaged, freed, value('pages from the start of paged pool'), size('bytes of paged pool')],
    0x60: ['free of an address that is no contiguous memory, by MmFreeContiguousMemory', freed],
    0x99: ['free of a bad address, or the pool header is damaged', freed],
    0x9a: [
      'allocation of must-succeed pool, which is no longer supported',
      poolType(),
      size('bytes requested'),
      poolTag(),
    ],
    0x9b: ['allocation with tag 0', poolType(), size('bytes requested'), address('the caller')],
    0x9c: [
      'allocation with the tag BIG, which is not allowed',
      poolType(),
      size('bytes requested'),
      address('the caller'),
    ],
    0x9d: ['allocation with a tag that has no letter or digit', poolTag(), poolType(), address('the caller')],
    0x41286: [
      'free of an address in the middle of a paged allocation',
      reserved,
      reserved,
      value('pages from the start of paged pool'),
    ],
  }),
  fixed(
    0xc5,
    'yes',
    'The pool allocator itself touched bad memory at an IRQL that does not allow page faults: a driver damaged pool, most likely around a block smaller than a page.',
    referenced,
    irql(),
    access(),
    ip('the instruction that made the access'),
  ),
  fixed(
    0xc6,
    'yes',
    'A driver touched pool memory that was freed.',
    referenced,
    access(),
    named('processor mode', { 0: 'kernel', 1: 'user' }),
  ),
  fixed(
    0xd0,
    'yes',
    'The allocator of whole pages of pool touched bad memory at an IRQL that does not allow page faults: a driver damaged pool, most likely around a block of a page or more.',
    referenced,
    irql(),
    access(),
    ip('the instruction that made the access'),
  ),
];
