import { type CaseRows, group, reserved } from '../entry.ts';
import { address, device, irp, irql, named, pfn, process, size, thread, value } from '../parameters.ts';

const current = irql('current IRQL');
const mdl = address('the MDL');
const flags = value('flags of the MDL');
const mode = named('processor mode', { 0: 'kernel', 1: 'user' });
const unmapped = address('the address being unmapped');
const resource = address('the resource');
const list = address('the lookaside list');
const routine = address('the routine');
const waitedFor = address('the object waited for');
const before = value('the APC disable count before the call');
const now = value('the APC disable count now');
const removeLock = address("the verifier's copy of the remove lock");
const workItem = address('the work item');
const caller = address("the driver's code");
const apcCount = 'changed the APC disable count';

const objectRows: CaseRows = {
  0x3c: ['ObReferenceObjectByHandle with a bad handle', value('the handle'), value('the object type')],
  0x3d: ['acquire of a resource that is not aligned', reserved, reserved, resource],
  0x3e: ['KeLeaveCriticalRegion for a thread outside any critical region'],
  0x3f: [
    'a reference to an object that has none left',
    address('the object'),
    value('the new count: 1 for a reference, -1 for a dereference'),
  ],
  0x91: ['the driver switched stacks in a way that is not supported'],
  0xc0: ['IoCallDriver with interrupts disabled', irp()],
  0xc1: ['a dispatch routine returned with interrupts disabled', routine],
  0xc2: ['a fast I/O routine was called with interrupts disabled'],
  0xc3: ['a fast I/O routine returned with interrupts disabled', routine],
  0xc5: [`a dispatch routine ${apcCount}`, routine, now, before],
  0xc6: [`a fast I/O routine ${apcCount}`, routine, now, before],
  0xca: ['a lookaside list was initialised again', list],
  0xcb: ['a lookaside list was deleted that was never initialised', list],
  0xcd: [
    'a lookaside list with a block size too small',
    list,
    size('block size given'),
    size('smallest block size'),
  ],
  0xd0: ['a resource was initialised again', resource],
  0xd1: ['a resource was deleted that was never initialised', resource],
  0xd5: ['IoReleaseRemoveLock with another tag than the acquire', removeLock, value('the tag')],
  0xd6: [
    'IoReleaseRemoveLockAndWait with another tag than the acquire',
    removeLock,
    value('the tag that does not match'),
    value('the tag of the acquire'),
  ],
  0xd7: ['a remove lock was initialised again', removeLock, address("the driver's remove lock")],
  0xda: [
    'the driver unloads with a WMI callback registered',
    address('start of the driver'),
    address('the callback'),
  ],
  0xdb: ['a device object was deleted that is registered for WMI', device()],
  0xdc: ['EtwUnregister with an invalid handle'],
  0xdd: [
    'the driver unloads without EtwUnregister',
    caller,
    address('start of the driver'),
    value('the registration, since Windows 8'),
  ],
  0xdf: ['a synchronisation object in session space', address('the object')],
  0xe0: [
    'a kernel call with a user-mode address as argument',
    address('the address'),
    size('size of the range'),
  ],
  0xe1: ['a synchronisation object at an invalid or pageable address', address('the object')],
  0xe2: ['an IRP of kernel mode holds a user-mode address', irp(), address('the address')],
  0xe3: ['a Zw call with a user-mode address as argument', caller, address('the address')],
  0xe4: ['a Zw call with a malformed UNICODE_STRING', caller, address('the string')],
  0xf0: [
    'overlapping buffers given to memcpy',
    address('the target'),
    address('the source'),
    size('bytes to copy'),
  ],
  0xf5: [
    'ObReferenceObjectByHandle with a NULL handle',
    address('where the handle stands'),
    value('the object type'),
  ],
  0xf6: ['a user-mode handle was used in kernel mode', value('the handle'), process(), caller],
  0xf7: [
    'a kernel handle was used as a user-mode handle',
    value('the handle'),
    value('the object type'),
    mode,
  ],
  0xfb: [`a completion routine ${apcCount}`, routine, now, before],
  0xfc: ['ZwNotifyChangeKey with an unsupported context', caller, value('the context')],
  0x110: [
    'an interrupt routine damaged the extended thread context',
    routine,
    address('the context saved before'),
    address('the context saved after'),
  ],
  0x115: [
    'shutdown is not complete after 20 minutes, perhaps a deadlock',
    thread('the thread that shuts down'),
  ],
  0x123: ['a user-mode wait for an object on the kernel stack', waitedFor],
  0x130: ['a work item in session space', workItem],
  0x131: ['a work item in pageable memory', workItem],
  0x135: ['a cancelled IRP did not complete in time', irp(), value('milliseconds allowed')],
  0x141: [
    'physical memory below 4 GB was asked for',
    value('highest physical address'),
    size('bytes requested'),
  ],
};

const mdlRows: CaseRows = {
  0x6f: [
    'MmProbeAndLockPages on pages without a page frame record',
    mdl,
    pfn('the page'),
    pfn('the highest page of the system'),
  ],
  0x7c: ['MmUnlockPages on pages that were never locked', mdl, flags],
  0x7d: ['MmUnlockPages on pages of nonpaged pool', mdl, flags],
  0x7f: ['MmBuildMdlForNonPagedPool on pages of paged pool', current, mdl, flags],
  0x81: ['MmMapLockedPages, which is obsolete', mdl, flags],
  0x82: ['MmMapLockedPagesSpecifyCache that asks for a bug check on failure', mdl, flags],
  0x83: [
    'MmMapIoSpace on pages that are not locked',
    value('start of the physical range'),
    size('bytes to map'),
    pfn('the first page that is not locked'),
  ],
  0x85: [
    'MmMapLockedPages on pages that are not locked',
    mdl,
    value('pages to map'),
    pfn('the first page that is not locked'),
  ],
  0x89: [
    'an MDL not marked as I/O holds pages that are no memory',
    mdl,
    address('where the page stands'),
    pfn('the page'),
  ],
  0xb0: ['MmProbeAndLockPages on an MDL with wrong flags', mdl, flags, value('the wrong flags')],
  0xb1: ['MmProbeAndLockProcessPages on an MDL with wrong flags', mdl, flags, value('the wrong flags')],
  0xb2: ['MmMapLockedPages on an MDL with wrong flags', mdl, flags, value('the wrong flags')],
  0xb3: ['MmMapLockedPages on an MDL that lacks flags', mdl, flags, value('flags of which one is needed')],
  0xb4: ['MmUnlockPages on a partial MDL', mdl, flags, value('the flag of a partial MDL')],
  0xb5: ['MmUnmapLockedPages on a partial MDL', mdl, flags, value('the flag of a partial MDL')],
  0xb6: ['MmUnmapLockedPages on an MDL that is not mapped', mdl, flags, value('the flag that is missing')],
  0xb7: [
    'the firmware changed low memory during sleep',
    value('pages changed'),
    pfn('the first changed page'),
    pfn('the last changed page'),
  ],
  0xb8: ['IoFreeMdl while the pages are still mapped', mdl, flags],
  0xb9: ['MmUnmapLockedPages with a bad user-space address', unmapped, mdl],
  0x1010: [
    'the buffer of a write request was changed under way',
    device(),
    irp(),
    address("the buffer's system address"),
  ],
  0x1011: [
    'the buffer of a read request was changed under way, or has dummy pages',
    device(),
    irp(),
    address("the buffer's system address"),
  ],
};

/** 0xC4: wrong use of objects, locks, callbacks and memory descriptor lists. */
export const verifierObjects = group('maybe', { ...objectRows, ...mdlRows });
