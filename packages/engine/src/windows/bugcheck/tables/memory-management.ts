import { type CaseRows, type Entry, group, subcoded, undocumented } from '../entry.ts';
import { address, pfn, poolBlock, pte, size, status, value } from '../parameters.ts';

const mdl = address('the MDL');
const pteContents = value('contents of the page table entry');
const priorities = 'two pages of the standby list differ in a priority that should be the same';
const internals = "the memory manager's own structures are damaged";
/** The documentation describes these sub-codes without saying what the other parameters hold. */
const open = [undocumented, undocumented, undocumented] as const;

/** 0x1A: damage to pool, and requests that name a pool address. */
const poolRows = group('yes', {
  0x5200: [
    'a page on a list of free pool pages was changed: use after free, or an overrun from the page before',
    poolBlock('the free pool block'),
    value('what was found there'),
    value('what should be there'),
  ],
  0x5305: [
    'free of an invalid pool address',
    poolBlock('the address being freed'),
    size('size of the region'),
    undocumented,
  ],
  0x41286: ['free of an invalid pool address', ...open],
});

/** 0x1A: wrong calls, most often by a driver. */
const callerRows: CaseRows = {
  0x1000: ['a fully cached page was to be mapped as non-cached', ...open],
  0x1010: ['a pageable section was unlocked that is not locked', ...open],
  0x1233: [
    'a driver mapped a physical page that is not locked',
    pfn('the page frame number to be mapped'),
    undocumented,
    undocumented,
  ],
  0x1234: ['a pageable section was to be locked that does not exist', ...open],
  0x1235: ['an MDL was to be protected whose mapping is not valid', ...open],
  0x1236: [
    'an MDL holds a page that is not locked or not valid',
    mdl,
    address('where the bad page frame number stands'),
    pfn('the bad page frame number'),
  ],
  0x1240: ['an MDL was built for memory that is not resident', mdl, pte(), undocumented],
  0x1241: ['the memory of an MDL was unmapped while the MDL was built', mdl, pte(), undocumented],
  0x4477: [
    'a driver wrote to user space of the system process where nothing is allocated',
    address('the address written to'),
    undocumented,
    undocumented,
  ],
  0x15000: [
    'a range was to be unsecured that is not known: wrong address or wrong process',
    address('the address'),
    undocumented,
    undocumented,
  ],
  0x15001: ['unsecuring a range failed, perhaps in the wrong process', ...open],
  0x61946: ['an MDL is made wrongly: most likely a write MDL for a paging read', ...open],
  0x61948: [
    'an I/O range was released that is not locked, or released twice',
    pfn('first page frame of the range'),
    value('pages in the range'),
    pfn('the page frame without a record'),
  ],
  0x61949: ['the record of an I/O page frame is missing', pfn(), undocumented, undocumented],
  0x6194a: [
    'an I/O page was released that is not referenced',
    pfn('first page frame of the range'),
    value('pages in the range'),
    pfn('the page frame without a reference'),
  ],
  0x3030308: [
    'memory was to be removed that the loader still uses',
    pfn('the highest physical page'),
    undocumented,
    undocumented,
  ],
};

/** 0x1A: damage and contradictions, of whatever origin. */
const damageRows: CaseRows = {
  0x31: ["an image's relocation data or code is damaged, probably by hardware", ...open],
  0x3f: [
    'a page read from the page file has a wrong checksum',
    value('offset in the page file'),
    value('checksum of the page'),
    value('checksum expected'),
  ],
  0x403: [
    'page table and page frame database disagree; a difference of one bit points to hardware',
    undocumented,
    value('a value to compare'),
    value('a value to compare'),
  ],
  0x404: [
    'a system page is deleted whose page frame points to another page table entry',
    pte('the page table entry expected'),
    pteContents,
    pte('the page table entry that the page frame names'),
  ],
  0x411: ['a page table entry is damaged', pte(), undocumented, undocumented],
  0x777: ['an address of the system cache was unlocked that is not locked', ...open],
  0x778: ['the last view of the system cache was used instead of being kept', ...open],
  0x780: ['page table entries of a system cache view are damaged', ...open],
  0x781: ['page table entries of a system cache view are damaged', ...open],
  0x3300: [
    'a page is marked copy-on-write by mistake',
    address('the address written to'),
    pteContents,
    value('type of the address space'),
  ],
  0x3451: ['page table entries of a kernel stack that was paged out are damaged', ...open],
  0x3453: ['page tables of an ended process are still referenced', ...open],
  0x3470: [
    'a free kernel stack in the cache was changed',
    address('the stack'),
    value('its cookie'),
    undocumented,
  ],
  0x5003: ['the free list of a working set is damaged, probably by hardware', ...open],
  0x5100: ['the bitmap of allocations is damaged: an address in use was to be given out again', ...open],
  0x6001: [
    'the private memory of the memory store cannot be read',
    status(),
    address('the address in that memory'),
    mdl,
  ],
  0x8884: [priorities, undocumented, undocumented, value('the differing values')],
  0x8885: [priorities, undocumented, undocumented, value('the differing values')],
  0x8886: [priorities, undocumented, undocumented, value('the differing values')],
  0x8887: [priorities, undocumented, undocumented, value('the differing values')],
  0x8888: [internals, ...open],
  0x8889: [internals, ...open],
  0x888a: [`${internals}, probably page table entries or page frames`, ...open],
  0x9696: [
    'a page frame lost the link to its process',
    address('the record of the page frame'),
    undocumented,
    undocumented,
  ],
  0x41201: [
    'page frame and page table entry contradict each other',
    pte(),
    pteContents,
    address('the virtual address descriptor'),
  ],
  0x41202: [
    'the protection in a page table entry cannot be',
    pte(),
    pteContents,
    address('the virtual address descriptor'),
  ],
  0x41283: ['the working set index in a page table entry is damaged', ...open],
  0x41284: ['a page table entry or the working set list is damaged', ...open],
  0x41287: [
    'a page fault came while a working set was locked',
    address('the memory that was referenced'),
    undocumented,
    undocumented,
  ],
  0x41785: ['the working set list is damaged', ...open],
  0x41790: [
    'a page table page is damaged',
    address('the record of its page frame; on x86 where its count stands'),
    value('on x86 the count of used entries'),
    undocumented,
  ],
  0x41792: [
    'a page table entry is damaged',
    pte(),
    value('low part of its contents'),
    value('high part of its contents'),
  ],
  0x41793: [
    'a page table page is damaged',
    pte('the last entry looked at'),
    value('entries found in use'),
    value('entries expected in use'),
  ],
  0x61940: ['a page directory entry became invalid', ...open],
  0x61941: ['the page tables are damaged', address('the address that faulted'), undocumented, undocumented],
  0x3030303: ['the boot loader is broken (Itanium)', ...open],
};

/** 0x1A: the sub-codes of the memory manager. */
export const memoryManagement: readonly Entry[] = [
  subcoded(0x1a, 'maybe', 'The memory manager found a severe error.', 1, damageRows, poolRows, callerRows),
];
