import { type Entry, fixed, reserved, subcoded, type Variant, variantOf, varying } from '../entry.ts';
import {
  address,
  device,
  irp,
  irql,
  named,
  poolBlock,
  process,
  status,
  thread,
  value,
} from '../parameters.ts';
import type { BugCheckFacts } from '../types.ts';

const handle = value('the handle');

/** 0x93: parameters 2 and 4 tell three cases apart. */
function kernelHandle({ parameters: [, second, , fourth] }: BugCheckFacts): Variant {
  if (fourth === 1n)
    return variantOf(
      [handle, address('the handle table'), reserved, value('1: bad handle detection')],
      'A bad handle was referenced, with detection of bad handles on.',
    );
  if (second > 1n) return variantOf([handle, value('not documented'), reserved, value('not documented')]);
  const text = second === 0n ? 'a protected handle was closed' : 'a bad handle was closed or referenced';
  return variantOf([handle, value(`${second}: ${text}`)]);
}

/** Objects, handles, I/O packets and Plug and Play. */
export const objects: readonly Entry[] = [
  fixed(
    0x18,
    'maybe',
    'The reference count of an object cannot be: it was dereferenced too often, or its memory is damaged.',
    address('type of the object'),
    poolBlock('the object'),
  ),
  fixed(
    0x21,
    'maybe',
    'More quota was returned to a process than was charged.',
    process('the process that was charged, if known'),
    value('type of quota'),
    value('amount to return'),
    value('amount left over'),
  ),
  fixed(0x2a, 'maybe', 'An IRP contradicts itself.', irp()),
  fixed(0x35, 'no', 'A driver passed an IRP down that has no stack location left.', irp()),
  fixed(0x36, 'no', 'A driver deleted a device object that is still referenced.', device()),
  fixed(0x44, 'maybe', 'An IRP was completed that is completed already.', irp()),
  fixed(0x48, 'maybe', 'An IRP was cancelled after it was completed.', irp(), address('the cancel routine')),
  varying(
    0x93,
    'no',
    'Kernel code used a handle that is not valid, or closed one that is protected.',
    kernelHandle,
  ),
  fixed(0xa7, 'maybe', 'An entry of the kernel handle table contradicts itself.'),
  subcoded(0xca, 'no', 'The Plug and Play manager met an error of a driver.', 1, {
    0x1: [
      'two physical devices with the same ids',
      device('the new device object'),
      device('the older device object'),
    ],
    0x2: [
      'something that is no initialised physical device',
      device('what was given'),
      address('the driver object'),
    ],
    0x3: [
      'an id with invalid characters or without an end',
      device(),
      address('the id'),
      named('id', { 1: 'device id', 2: 'unique id', 3: 'hardware ids', 4: 'compatible ids' }),
    ],
    0x4: ['a deleted physical device was reported', device()],
    0x5: ['a physical device was freed while in the device tree', device()],
    0x8: [
      'a NULL device among the bus relations',
      device(),
      value('devices reported'),
      value('index of the first NULL'),
    ],
    0x9: ['IoDisconnectInterruptEx with a wrong connection type', value('the type')],
    0xa: [
      'a notification callback changed IRQL or APC disables',
      address('the driver object'),
      irql('IRQL after the callback'),
      value('APC disables after the callback'),
    ],
    0xb: [
      'a deleted physical device was reported as relation',
      device('the related device object'),
      address('the removal relations'),
    ],
  }),
  fixed(0xe8, 'no', 'IoCancelFileOpen got an invalid file object.', address('the file object'), device()),
  fixed(
    0xf9,
    'no',
    'A driver answered STATUS_REPARSE to opening a device by its bare name.',
    device('the device object opened'),
    device('the device object asked'),
    address('the new name'),
    value('information of the answer'),
  ),
  subcoded(0x10d, 'no', 'The driver framework (KMDF) found an error of a driver.', 1, {
    0x1: ['a power operation took too long', address('the time-out data')],
    0x2: ['a lock was acquired that is held'],
    0x3: [
      'a request was completed with references to its buffers',
      value('the request'),
      value('references left'),
    ],
    0x4: ['a NULL argument', reserved, address('the caller')],
    0x5: ['a handle of the wrong type', value('the handle')],
    0x6: [
      'a request was handled wrongly',
      named('error', {
        1: 'no stack location is left',
        2: 'it holds no IRP',
        3: 'it was sent already',
        4: 'more was written than the buffer holds',
      }),
      value('the IRP, the request, or their data, by the error'),
    ],
    0x7: ['an object was deleted by WdfObjectDereference', value('the object')],
    0x8: ['a DMA transaction in a wrong state', value('the transaction')],
    0xa: ['a fatal error in a request of the queue', address('the error data')],
    0xb: [
      'a lock was used wrongly',
      value('the object or spin lock'),
      named('error', { 0: 'the object has no lock', 1: 'release by another thread' }),
    ],
    0xc: ['a second state-changing PnP IRP', value('the device'), irp('the new IRP')],
    0xd: ['a power IRP that the driver did not ask for', value('the device'), irp()],
    0xe: ['a callback returned at another IRQL', irql('IRQL before'), irql('IRQL after')],
    0xf: ['a callback returned inside a critical region', address('the callback')],
  }),
  fixed(
    0x11f,
    'no',
    'The first handle of a driver was closed before it was used.',
    handle,
    status(),
    address('the driver object'),
  ),
  subcoded(0x138, 'no', 'The GPIO framework met a fatal error.', 1, {
    0x1: ['no controller is registered for the interrupt', value('the interrupt')],
    0x2: ['a lock request with an invalid context', value('the context')],
    0x3: [
      'a bank was to go to F1 wrongly',
      value('critical transition asked for'),
      value('in F1 by a non-critical transition'),
      value('in F1 by a critical transition'),
    ],
    0x4: [
      'a bank was to go to F0 wrongly',
      value('critical transition asked for'),
      value('in F1 by a non-critical transition'),
      value('in F1 by a critical transition'),
    ],
    0x5: [
      'an interrupt operation failed',
      status(),
      address('the device extension'),
      address('its arguments'),
    ],
    0x6: ['an I/O operation failed', status(), address('the device extension'), address('its arguments')],
    0x7: ['a _DSM method returned malformed data', value('revision'), value('function')],
  }),
  fixed(
    0x189,
    'maybe',
    'The header of an object is damaged.',
    poolBlock('the object header'),
    address('the object type that it names'),
    named('damage', { 0: 'the type index', 1: 'the security descriptor' }),
  ),
  subcoded(0x18e, 'maybe', 'A partition object was dereferenced wrongly, or kernel data are damaged.', 1, {
    0x0: ['it is deleted with references left', address('the partition'), value('references left')],
    0x1: ['the system partition is deleted', address('the partition')],
    0x2: ['it is deleted with work queued', address('the partition'), address('the work queue')],
  }),
  fixed(
    0x1d5,
    'no',
    'A driver did not complete a Plug and Play operation in time.',
    value('first characters of the service name'),
    address('triage data, since Windows 10 1803'),
    thread(),
    value('milliseconds since the start'),
  ),
  fixed(0x1ed, 'no', 'A bad handle was used in a thread without which the system cannot run.'),
];
