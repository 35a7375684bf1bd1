import {
  type Entry,
  fixed,
  type Parameter,
  reserved,
  subcoded,
  type Variant,
  variantOf,
  varying,
} from '../entry.ts';
import { address, kind, named, pfn, process, pte, size, status, value } from '../parameters.ts';
import type { BugCheckFacts } from '../types.ts';
import { hex } from '../values.ts';

const pteContents = value('contents of the page table entry');
const lockType: Parameter = {
  role: 'subcode',
  text: 'type of the lock held',
  read: (type) => `lock held, type ${hex(type)}`,
};
const notRead = address('the address that could not be paged in');

/** 0x7A has three forms, told apart by the first and the third parameter. */
function inPageVariant({ parameters: [lock, , support] }: BugCheckFacts): Variant {
  const failed = status('status of the read');
  if (lock >= 1n && lock <= 3n && support === 0n) return variantOf([lockType, failed, reserved, notRead]);
  if (lock === 1n) return variantOf([lockType, failed, process('the current process'), notRead]);
  if (lock === 3n || lock === 4n)
    return variantOf([lockType, failed, address('the InPageSupport structure'), notRead]);
  return variantOf([pte(), failed, pteContents, notRead]);
}

const stackSources = {
  0: 'the page came from the page cache',
  1: 'the page came from disk',
  2: 'the page came from disk, with success but a wrong length',
};

function stackInPageVariant({ parameters: [first] }: BugCheckFacts): Variant {
  if (first > 2n)
    return variantOf([
      status(),
      status('status of the I/O'),
      value('number of the page file'),
      value('offset in the page file'),
    ]);
  const source: Parameter = kind('source', stackSources);
  const signature = [
    value('what stands in place of the stack signature'),
    reserved,
    value('where the signature should be'),
  ];
  return variantOf(
    [source, ...signature],
    'The signature of the kernel stack was not found in the page that was read; faulty memory or disk is likely.',
  );
}

/** 0x12B: a page that should be zero, or a compressed one that cannot be unpacked. */
function corruptedPageVariant({ parameters: [, , third, fourth] }: BugCheckFacts): Variant {
  if (third === 0n && fourth === 0n) {
    return variantOf(
      [address('the address that maps the page'), pfn()],
      'A page that should be all zero has a single wrong bit: faulty memory.',
    );
  }
  const parts = [
    value('kind of failure'),
    size('compressed size of the page'),
    address('source of the decompression'),
    address('target of the decompression'),
  ];
  return variantOf(parts, 'A page of the compressed store cannot be unpacked.');
}

/** Page frames, paging, and pages that run out. */
export const paging: readonly Entry[] = [
  fixed(
    0x1c,
    'maybe',
    'A reference count overflowed, underflowed, or belongs to an object that was freed; it need not be that of a page frame.',
  ),
  fixed(
    0x3f,
    'no',
    'There were no system page table entries for a mapping: too many are in use, or too scattered.',
    named('type', { 0: 'system expansion', 1: 'nonpaged pool expansion' }),
    value('entries requested'),
    value('entries free'),
    value('entries in all'),
  ),
  subcoded(
    0x4e,
    'maybe',
    'The page frame database is damaged, often because a driver gave a bad MDL, for example to unlock it twice.',
    1,
    {
      0x1: ['a list head is damaged', value('the list head'), value('pages available')],
      0x2: [
        'a list entry is damaged',
        pfn('the entry being removed'),
        pfn('the highest page frame number'),
        value('references to the entry'),
      ],
      0x6: [
        'a page table entry or prototype entry is damaged',
        pfn(),
        pte('the prototype page table entry'),
        pteContents,
      ],
      0x7: ['a driver unlocked a page more often than it locked it', pfn(), value('its share count')],
      0x8d: ['the list of free pages is damaged, most likely by hardware', pfn()],
      0x8f: ['the head of the free or zeroed list is damaged', pfn('the new page'), pfn('the old page')],
      0x99: ['a page table entry or page frame is damaged', pfn(), value('state of the page')],
      0x9a: [
        'a driver freed a page that is still locked for I/O',
        pfn(),
        value('state of the page'),
        value('references to the page'),
      ],
    },
  ),
  fixed(
    0x4d,
    'no',
    'No free pages are left to go on with.',
    value('dirty pages'),
    value('dirty pages for the page file'),
    value('nonpaged pool available'),
    status('last write error'),
  ),
  varying(
    0x77,
    'no',
    'A page of a kernel stack could not be read in from the page file.',
    stackInPageVariant,
  ),
  varying(
    0x7a,
    'no',
    'A page of kernel data could not be read in; the status says why, most often the disk.',
    inPageVariant,
  ),
  fixed(
    0x7d,
    'no',
    'There is too little memory to start Windows.',
    value('physical pages found'),
    pfn('the lowest page'),
    pfn('the highest page'),
  ),
  subcoded(0xa2, 'no', 'A range of memory does not have the checksum it had.', 1, {
    0x2: [
      'a page of the table of ranges failed its check',
      value('the page that failed'),
      value('index that did not match, or zero'),
    ],
    0x3: [
      'a range of memory has a wrong checksum',
      pfn('first page of the range'),
      value('pages in the range'),
      pfn('page of the table that holds the range'),
    ],
  }),
  fixed(
    0xd8,
    'no',
    'No system page table entries are left; one driver uses most of them.',
    { ...address('name of the driver, or zero'), role: 'driver-name' },
    value('entries used by that driver'),
    value('entries free'),
    value('entries in all'),
  ),
  fixed(
    0xeb,
    'no',
    'No free pages are left, as most changed pages wait for a file system that does not move.',
    value('dirty pages'),
    value('dirty pages for the page file'),
    reserved,
    status('last write error'),
  ),
  fixed(
    0xf3,
    'no',
    'Shutdown ran out of free pages.',
    value('dirty pages'),
    value('dirty pages for the page file'),
    reserved,
    status('last write error'),
  ),
  fixed(
    0xfd,
    'no',
    'No free pages are left, as changed pages may not be written.',
    value('dirty pages'),
    value('dirty pages that may not be written'),
    reserved,
    status('last write error'),
  ),
  fixed(
    0x127,
    'maybe',
    'A page that should be all zero is not: faulty memory, or somebody wrote to a page after freeing it.',
    address('the address that maps the page'),
    pfn(),
  ),
  varying(
    0x12b,
    'no',
    'A page was damaged in physical memory: by faulty memory, a device, or a wrong DMA transfer.',
    corruptedPageVariant,
  ),
  fixed(
    0x154,
    'maybe',
    'The store of compressed memory caught an exception it did not expect.',
    value('the store or its data manager'),
    value('exception information'),
  ),
  subcoded(
    0x1c7,
    'maybe',
    'The store of compressed memory found its own structures damaged; faulty memory, firmware or a wrong DMA transfer can do that.',
    1,
    {
      0x0: [
        'the hash of a heap buffer is wrong',
        address('the buffer'),
        value('hash expected'),
        pfn('the damaged page'),
      ],
      0x1: [
        'an exception in the store, and the hash of a heap buffer is wrong',
        address('the buffer'),
        value('hash expected'),
        pfn('the damaged page'),
      ],
      0x2: [
        'page data are damaged, and so is the buffer with their record',
        address('the buffer'),
        value('hash expected'),
        pfn('the damaged page'),
      ],
      0x3: [
        'page data are damaged, and their record changed during the read',
        address('the place of the page as first read'),
        address('the record as it is now'),
      ],
    },
  ),
];
