import { type Entry, fixed, reserved, subcoded } from '../entry.ts';
import { address, pfn, poolTag, process, size, value } from '../parameters.ts';

const tracker = address('the tracking structure');
const mdl = address('the MDL');
const first = address('the first mapping');
const callerTag = poolTag("the caller's tag");
const ownerTag = poolTag("the owner's tag");
const lockedPages = value('pages locked by the process');

/** Locked pages, MDLs and mappings by system page table entries. */
export const mappings: readonly Entry[] = [
  fixed(0x40, 'no', 'A driver called IoBuildPartialMdl with a target MDL that is too small for the range.'),
  subcoded(
    0x76,
    'no',
    'A driver did not release memory pages that it locked in a process, or released them twice.',
    1,
    {
      0x0: [
        'the process ends with pages still locked',
        process(),
        value('pages locked'),
        address("the drivers' stacks, if tracked"),
      ],
      0x1: [
        'pages are unlocked that are not locked',
        mdl,
        lockedPages,
        address("the drivers' stacks, if tracked"),
      ],
    },
  ),
  fixed(
    0xcb,
    'no',
    'Pages of a process stayed locked after an I/O operation.',
    tracker,
    reserved,
    address('the MDL of the pages'),
    value('pages locked'),
  ),
  subcoded(0xd9, 'maybe', 'The tracking of locked pages is damaged.', 1, {
    0x1: ['the MDL is entered twice for the process', tracker, mdl, lockedPages],
    0x2: ['the MDL is entered twice for the system', tracker, mdl, lockedPages],
    0x3: [
      'the MDL was found twice for the process when it was freed',
      tracker,
      address('the other tracking structure'),
      mdl,
    ],
    0x4: ['the MDL was found for the system after it was removed', tracker, mdl],
  }),
  subcoded(0xda, 'maybe', 'A system page table entry was used wrongly.', 1, {
    0x1: ['a duplicate of a mapping is freed', tracker, mdl, address('the duplicate tracking structure')],
    0x2: [
      'a wrong number of mappings is freed',
      tracker,
      value('mappings expected'),
      value('mappings requested'),
    ],
    0x3: [
      'the address of the mapping being freed is wrong',
      tracker,
      address('the address expected'),
      address('the address given'),
    ],
    0x4: [
      'the first page of the MDL changed since it was mapped',
      tracker,
      pfn('the first page expected'),
      pfn('the first page now'),
    ],
    0x5: [
      'the start address in the MDL changed since it was mapped',
      tracker,
      address('the address expected'),
      address('the address given'),
    ],
    0x6: ['the MDL being freed is not mapped', mdl, address('the address given'), value('mappings to free')],
    0x7: ['a range of mappings is given out twice (Windows 2000)', first, value('mappings')],
    0x8: [
      'a wrong number of mappings is being freed (Windows 2000)',
      first,
      value('mappings being freed'),
      value('mappings expected'),
    ],
    0x9: [
      'a mapping being freed is free already (Windows 2000)',
      first,
      value('mappings being freed'),
      value('the mapping that is free'),
    ],
    0xa: [
      'allocation of zero mappings (Windows 2000)',
      value('did the MDL ask for a bug check on failure'),
      value('mappings requested'),
      value('type of the mapping pool'),
    ],
    0xb: [
      'the list of mappings was damaged, below its lowest address (Windows 2000)',
      address('the bad mapping'),
      value('mappings requested'),
      value('type of the mapping pool'),
    ],
    0xc: [
      'the list of mappings was damaged, above its lowest address (Windows 2000)',
      address('the bad mapping'),
      value('mappings requested'),
      value('type of the mapping pool'),
    ],
    0xd: [
      'free of zero mappings (Windows 2000)',
      first,
      value('mappings being freed'),
      value('type of the mapping pool'),
    ],
    0xe: [
      'the guard behind the mappings was overwritten (Windows 2000)',
      first,
      value('mappings being freed'),
      value('type of the mapping pool'),
    ],
    0xf: [
      'free of a mapping below all mappings (Windows 2000)',
      address('the mapping'),
      value('mappings being freed'),
      value('type of the mapping pool'),
    ],
    0x10: [
      'free of a mapping above all mappings (Windows 2000)',
      address('the mapping'),
      value('mappings being freed'),
      value('type of the mapping pool'),
    ],
    0x11: [
      'free of the base of the mapping space (Windows 2000)',
      address('the mapping'),
      value('mappings being freed'),
      value('type of the mapping pool'),
    ],
    0x100: [
      'zero mappings were requested',
      value('mappings requested'),
      callerTag,
      address("the caller's caller"),
    ],
    0x101: ['free of a mapping range that the caller does not own', first, callerTag, ownerTag],
    0x102: ['free of a mapping range that is empty', first, callerTag],
    0x103: [
      'free of a mapping range that is still in use',
      address('the mapping in use'),
      callerTag,
      value('mappings in the range'),
    ],
    0x104: ['an MDL was to be mapped into a range that the caller does not own', first, callerTag, ownerTag],
    0x105: ['an MDL was to be mapped into an invalid range', first, callerTag],
    0x107: [
      'an MDL was to be mapped into a range that still holds a mapping',
      first,
      address('the mapping in use'),
      address('the last mapping'),
    ],
    0x108: ['a range was to be unmapped that the caller does not own', first, callerTag, ownerTag],
    0x109: ['a range was to be unmapped that is empty', first, callerTag],
    0x10a: [
      'more mappings were to be unmapped than the range has',
      first,
      value('mappings in the range'),
      value('mappings to unmap'),
    ],
    0x10b: [
      'a part of a range was to be unmapped that is not mapped',
      first,
      callerTag,
      value('mappings to unmap'),
    ],
    0x10c: ['only a part of a range was to be unmapped', first, callerTag, value('mappings to unmap')],
    0x200: ['a range without mappings was to be reserved', first],
    0x201: [
      'a mapping to be reserved is reserved already',
      first,
      address('the mapping reserved already'),
      value('mappings to reserve'),
    ],
    0x202: [
      'a mapping to be reserved is reserved already',
      first,
      address('the mapping reserved already'),
      value('mappings to reserve'),
    ],
    0x300: ['a range without mappings was to be released', first],
    0x301: ['a mapping was to be released that may not be', address('the mapping')],
    0x302: ['a system address was to be released that is not mapped', address('the address')],
    0x303: ['a range was to be released that is not reserved', first, value('mappings to release')],
    0x304: ['a range was to be released that begins inside another one', first, value('mappings to release')],
    0x305: [
      'the wrong number of mappings was to be released',
      first,
      value('mappings to release'),
      value('mappings expected'),
    ],
    0x306: [
      'a mapping to be released is free already',
      first,
      address('the free mapping'),
      value('mappings to release'),
    ],
    0x400: [
      'an I/O space mapping was to be freed that is not known',
      address('base of the mapping'),
      value('pages to free'),
    ],
  }),
  fixed(
    0x12e,
    'no',
    'A driver called IoBuildPartialMdl for a range outside the source MDL.',
    address('the source MDL'),
    address('the target MDL'),
    address('start of the range'),
    size('length of the range'),
  ),
];
