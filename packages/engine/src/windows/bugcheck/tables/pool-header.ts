import { type Entry, fixed, reserved, subcoded } from '../entry.ts';
import { address, poolBlock, poolHeader, size, value } from '../parameters.ts';

const freedHeader =
  'the header of a freed block changed after the free, usually because the block before it was overrun';

/** Damage that the pool allocator found in its own structures. */
export const poolHeaderChecks: readonly Entry[] = [
  subcoded(
    0x19,
    'yes',
    'Pool is damaged already when this request comes; the caller need not be the culprit.',
    1,
    {
      0x2: [
        "the pattern around a special pool block is damaged, most likely by the block's owner",
        poolBlock('the block checked'),
        size(),
      ],
      0x3: [
        'a pool free list is damaged; in a sound one the other three parameters are equal',
        address('the list entry checked'),
        value('Flink as read back'),
        value('Blink as read back'),
      ],
      0x5: [
        'the headers of two neighbouring blocks contradict each other',
        poolHeader('one of the two'),
        reserved,
        poolHeader('the other of the two'),
      ],
      0x6: [
        'the previous size in a pool block header is too large',
        poolHeader('where the wrong size leads'),
        reserved,
        poolHeader('the bad header'),
      ],
      0x7: ['a pool block header size is corrupt', reserved, reserved, poolHeader('the bad header')],
      0x8: ['a pool block header size is zero', reserved, reserved, poolHeader('the bad header')],
      0x9: [
        'a pool block header size is too large',
        poolHeader('where the wrong size leads'),
        reserved,
        poolHeader('the bad header'),
      ],
      0xa: [
        'a walk of the page from its start does not come to the block',
        poolHeader('the header looked for'),
        reserved,
        address('the page that should hold it'),
      ],
      0xd: [freedHeader],
      0xe: [freedHeader],
      0xf: [freedHeader],
      0x20: [
        'a pool block header size is corrupt',
        poolHeader('the header looked for within the page'),
        poolHeader('the next header'),
      ],
      0x21: [
        'the bytes behind the block being freed are damaged: most likely its owner overran it',
        poolBlock('the block being freed'),
        size('bytes allocated for the block'),
        value('what was found behind the block'),
      ],
      0x22: [
        'nothing is known of the address being freed: it was freed before, or never allocated',
        poolBlock('the address being freed'),
      ],
      0x23: [freedHeader],
      0x24: [freedHeader],
      0x25: [freedHeader],
    },
  ),
  fixed(0xde, 'yes', 'A driver damaged pool that holds pages on their way to a file on disk.'),
  subcoded(
    0x126,
    'yes',
    'Memory of the network stack (its own pool of blocks and MDLs) is in a state that cannot be.',
    1,
    {
      0x1: [
        'the pool is in an invalid state',
        poolBlock('the block or MDL'),
        address('the page'),
        address("the processor's pool"),
      ],
      0x2: [
        'an MDL is in an invalid state',
        poolBlock('the MDL'),
        address("the processor's pool"),
        address("the pool's own header"),
      ],
    },
  ),
];
