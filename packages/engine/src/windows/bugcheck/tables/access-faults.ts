import { type Entry, fixed } from '../entry.ts';
import { access, address, ip, irql, named, value } from '../parameters.ts';

/** Why the memory manager gave up on the address of a 0x50. */
const pageFaultTypes = {
  0x0: 'the page table entry is free',
  0x2: 'no page table is present for the address',
  0x3: 'a session address outside any session (until Windows 10 1709)',
  0x4: 'the address is not canonical',
  0xf: 'a user address that kernel code may not touch here',
};

const referenced = address('the memory that was referenced');

/** Memory was touched that was not there, not resident, or not to be touched in this way. */
export const accessFaults: readonly Entry[] = [
  fixed(
    0x0a,
    'maybe',
    'Kernel code touched memory that was not resident or not valid while the IRQL did not allow page faults; usually a bad pointer, or pageable memory used too high.',
    referenced,
    irql(),
    access(),
    ip('the instruction that made the access'),
  ),
  fixed(
    0x50,
    'maybe',
    'Kernel code touched a system address behind which there is no memory: a bad pointer, or memory that was freed.',
    referenced,
    access(),
    ip(),
    named('type of fault', pageFaultTypes),
  ),
  fixed(
    0xbe,
    'maybe',
    'Kernel code wrote to memory that is mapped read-only.',
    address('the address written to'),
    value('contents of the page table entry'),
  ),
  fixed(
    0xce,
    'no',
    'Code or data of a driver that was unloaded is still in use: it left timers, DPCs, lookaside lists, work items or the like behind.',
    referenced,
    access(),
    ip(),
  ),
  fixed(
    0xcf,
    'no',
    'A driver used session memory outside its session, for example from a system worker thread.',
    referenced,
    access(),
    ip(),
  ),
  fixed(
    0xd1,
    'maybe',
    'A driver touched memory that was not resident or not valid while the IRQL did not allow page faults; usually a bad pointer, freed memory, or pageable memory used too high.',
    referenced,
    irql(),
    access(),
    ip('the instruction that made the access'),
  ),
  fixed(
    0xd3,
    'no',
    'A part of a driver that is marked pageable was needed at an IRQL that does not allow page faults.',
    referenced,
    irql(),
    access(),
    ip('the instruction that made the access'),
  ),
  fixed(
    0xd4,
    'no',
    'At raised IRQL the system touched the place where a driver used to be: it was unloaded with operations still pending.',
    referenced,
    irql(),
    access(),
    ip('the instruction that made the access'),
  ),
  fixed(
    0xd7,
    'no',
    'A driver tried to unmap or commit a view at an address that is not mapped.',
    address('the address of the view'),
    named('operation', { 1: 'unmap the view', 2: 'commit the view' }),
  ),
  fixed(
    0xdb,
    'maybe',
    'Memory was touched at an IRQL that does not allow page faults, most likely because a driver damaged the page table entries of the system.',
    referenced,
    irql(),
    access(),
    ip('the instruction that made the access'),
  ),
  fixed(0xdc, 'maybe', "A driver touched stack memory below its thread's stack pointer."),
  fixed(
    0xfc,
    'maybe',
    'The processor was sent to memory that does not hold executable code: usually a bad function pointer or return address.',
    address('the address that was to be executed'),
    value('contents of the page table entry'),
  ),
  fixed(
    0x11c,
    'maybe',
    'Something wrote to the read-only storage of the registry.',
    address('the address written to'),
    value('contents of the page table entry'),
  ),
  fixed(0x1ce, 'maybe', 'A thread switch met a kernel stack at an address where none can be.'),
  fixed(0x1cd, 'maybe', 'The stack for a callback is at a user address, which is not allowed.'),
  fixed(
    0x1ea,
    'no',
    'The normal kernel touched the PCI configuration space directly although secure PCI forbids it.',
    value('operation code of the instruction'),
    value('requester id of the device'),
    value('offset in the configuration space'),
    ip('the instruction that made the access'),
  ),
];
