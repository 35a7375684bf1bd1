import { type CaseRows, group } from '../entry.ts';
import { address, irql, named, process, size, value } from '../parameters.ts';

const current = irql('current IRQL');
const apcs = value("the thread's APC disable count");
const mdl = address('the MDL');
const mode = named('processor mode', { 0: 'kernel', 1: 'user' });
const unmapped = address('the address being unmapped');
const physical = value('the physical address, its low 32 bits on x86');
const spinLock = address('the spin lock');
const mutex = address('the mutex');
const resource = address('the resource');
const lock = address('the lock');
const routine = address('the routine');
const waitedFor = address('the object waited for');
const caller = address("the driver's code");
const apcsEnabled = 'while asynchronous procedure calls are enabled';
const tooHigh = (call: string, level: string): string => `${call} above ${level}`;

const irqlRows: CaseRows = {
  0x30: ['KeRaiseIrql to a lower IRQL, or above HIGH_LEVEL', current, irql('requested IRQL')],
  0x31: [
    'KeLowerIrql to a higher IRQL, or one not allowed here',
    current,
    irql('requested IRQL'),
    named('reason', { 0: 'bad IRQL', 1: 'bad inside a DPC' }),
  ],
  0x32: ['release of a spin lock at another IRQL than DISPATCH_LEVEL, perhaps twice', current, spinLock],
  0x33: [tooHigh('acquire of a fast mutex', 'APC_LEVEL'), current, mutex],
  0x34: ['release of a fast mutex at another IRQL than APC_LEVEL', current, apcs, mutex],
  0x35: [
    'the kernel released a spin lock at another IRQL than DISPATCH_LEVEL',
    current,
    spinLock,
    irql('old IRQL'),
  ],
  0x36: [
    'the kernel released a queued spin lock at another IRQL than DISPATCH_LEVEL',
    current,
    value('number of the spin lock'),
    irql('old IRQL'),
  ],
  0x37: [`acquire of a resource ${apcsEnabled}`, current, apcs, resource],
  0x38: [`release of a resource ${apcsEnabled}`, current, apcs, resource],
  0x39: ['unsafe acquire of a mutex at another IRQL than APC_LEVEL', current, apcs, mutex],
  0x3a: ['unsafe release of a mutex at another IRQL than APC_LEVEL', current, apcs, mutex],
  0x3b: ['a wait at DISPATCH_LEVEL or above', current, waitedFor, value('the timeout')],
  0x40: ['KeAcquireSpinLockAtDpcLevel below DISPATCH_LEVEL', current, spinLock],
  0x41: ['KeReleaseSpinLockFromDpcLevel below DISPATCH_LEVEL', current, spinLock],
  0x42: [tooHigh('KeAcquireSpinLock', 'DISPATCH_LEVEL'), current, spinLock],
  0x70: [tooHigh('MmProbeAndLockPages', 'DISPATCH_LEVEL'), current, mdl, mode],
  0x71: [tooHigh('MmProbeAndLockProcessPages', 'DISPATCH_LEVEL'), current, mdl, process()],
  0x72: [tooHigh('MmProbeAndLockSelectedPages', 'DISPATCH_LEVEL'), current, mdl, process()],
  0x73: [tooHigh('MmMapIoSpace', 'DISPATCH_LEVEL'), current, physical, size()],
  0x74: [tooHigh('MmMapLockedPages for kernel mode', 'DISPATCH_LEVEL'), current, mdl, mode],
  0x75: [tooHigh('MmMapLockedPages for user mode', 'APC_LEVEL'), current, mdl, mode],
  0x76: [tooHigh('MmMapLockedPagesSpecifyCache for kernel mode', 'DISPATCH_LEVEL'), current, mdl, mode],
  0x77: [tooHigh('MmMapLockedPagesSpecifyCache for user mode', 'APC_LEVEL'), current, mdl, mode],
  0x78: [tooHigh('MmUnlockPages', 'DISPATCH_LEVEL'), current, mdl],
  0x79: [tooHigh('MmUnmapLockedPages of kernel space', 'DISPATCH_LEVEL'), current, unmapped, mdl],
  0x7a: [tooHigh('MmUnmapLockedPages of user space', 'APC_LEVEL'), current, unmapped, mdl],
  0x7b: [tooHigh('MmUnmapIoSpace', 'APC_LEVEL'), current, unmapped, size()],
  0x7e: [
    tooHigh('allocating or freeing pages of an MDL', 'DISPATCH_LEVEL'),
    current,
    irql('highest IRQL allowed'),
  ],
  0x80: [tooHigh('KeSetEvent', 'DISPATCH_LEVEL'), current, address('the event')],
  0xe5: ['a kernel call at a wrong IRQL', current],
  0xe6: [
    'a Zw call above PASSIVE_LEVEL or with special APCs disabled',
    caller,
    current,
    value('state of special kernel APCs'),
  ],
  0xea: [`acquire of a push lock ${apcsEnabled}`, current, apcs, lock],
  0xeb: [`release of a push lock ${apcsEnabled}`, current, apcs, lock],
  0xfa: [
    'a completion routine returned at another IRQL',
    routine,
    irql('IRQL before the call'),
    irql('IRQL after the call'),
  ],
  0x111: [
    'an interrupt routine returned at another IRQL',
    routine,
    irql('IRQL before the call'),
    irql('IRQL after the call'),
  ],
  0x11a: [tooHigh('KeEnterCriticalRegion', 'APC_LEVEL'), current],
  0x11b: [tooHigh('KeLeaveCriticalRegion', 'APC_LEVEL'), current],
  0x120: [
    tooHigh('a wait', 'DISPATCH_LEVEL'),
    address('where the IRQL stands'),
    waitedFor,
    address('where the timeout stands'),
  ],
  0x121: [
    'an endless wait at DISPATCH_LEVEL',
    address('where the IRQL stands'),
    waitedFor,
    address('where the timeout stands'),
  ],
  0x122: [
    'a wait with a timeout at DISPATCH_LEVEL',
    address('where the IRQL stands'),
    waitedFor,
    address('where the timeout stands'),
  ],
  0x140: [
    'an MDL that is not locked was made of memory that can be paged',
    current,
    mdl,
    address('the address of the memory'),
  ],
};

/** 0xC4: calls at an IRQL that they do not allow. */
export const verifierIrql = group('no', irqlRows);
