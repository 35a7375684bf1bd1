import { type Entry, fixed, reserved, subcoded } from '../entry.ts';
import { access, address, ip, irql, poolBlock, poolType, pte, size, value } from '../parameters.ts';

const freed = poolBlock('the address being freed');
const referenced = address('the memory that was referenced');
const requested = size('bytes requested, as the block records them');
const calculated = size('bytes from the address to the end of its page');
const patternByte = value('reserved; in practice the byte that should be there');

const beyondEnd = 'touched memory behind the end of a special pool block';
const afterFree = 'touched a special pool block that was freed';

/** What special pool catches: at the free (0xC1), or at the very access. */
export const specialPoolChecks: readonly Entry[] = [
  subcoded(0xc1, 'yes', 'Special pool found a violation.', 4, {
    0x20: [
      'free of an address that is not allocated, or freed already',
      freed,
      pte('reserved; in practice the page table entry'),
    ],
    0x21: ['free of a bad address: the block would not fit in its page', freed, requested, calculated],
    0x22: ['free of a bad address: not the one that the allocation returned', freed, requested, calculated],
    0x23: [
      'bytes of the page before the block were changed: an underrun, or a stray write',
      freed,
      address('the first changed byte'),
      patternByte,
    ],
    0x24: [
      'bytes behind the end of the block were changed: a small overrun',
      freed,
      address('the first changed byte'),
      patternByte,
    ],
    0x30: [
      'allocation at an IRQL too high for this pool',
      irql('current IRQL'),
      poolType(),
      size('bytes requested'),
    ],
    0x31: ['free at an IRQL too high for this pool', irql('current IRQL'), poolType(), freed],
    0x32: [
      'a byte near the block differs in exactly one bit: faulty memory is possible',
      freed,
      address('the changed byte'),
      reserved,
    ],
  }),
  fixed(0xcc, 'yes', `The system ${afterFree}.`, referenced, access(), ip()),
  fixed(0xcd, 'yes', `The system ${beyondEnd}.`, referenced, access(), ip()),
  fixed(0xd5, 'yes', `A driver ${afterFree}.`, referenced, access(), ip()),
  fixed(0xd6, 'yes', `A driver ${beyondEnd}.`, referenced, access(), ip()),
];
