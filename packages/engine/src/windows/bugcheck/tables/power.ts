import { type Entry, fixed, reserved, subcoded } from '../entry.ts';
import { address, device, irp, kind, named, thread, value } from '../parameters.ts';

const fxDevice = address('the device of the power framework');
const component = value('index of the component');

/** Power states, hibernation, standby. */
export const power: readonly Entry[] = [
  subcoded(0x9f, 'no', 'A driver mishandled a change of power state.', 1, {
    0x1: ['a device object is freed with a power request outstanding', device()],
    0x2: [
      'PoStartNextPowerIrp was not called after a system power IRP',
      device('the target device object, if known'),
      device(),
      address('the driver object, if known'),
    ],
    0x3: [
      'a device blocks an IRP for too long',
      device('the physical device object of the stack'),
      address('triage data'),
      irp('the blocked IRP'),
    ],
    0x4: [
      'a power transition waited too long for Plug and Play',
      value('timeout in seconds'),
      thread('the thread that holds the Plug and Play lock'),
      address('triage data'),
    ],
    0x5: [
      'a directed power transition took too long',
      device('the physical device object of the stack'),
      fxDevice,
    ],
    0x6: [
      'a directed power transition failed',
      fxDevice,
      named('direction', { 0: 'power up', 1: 'power down' }),
    ],
    0x500: [
      'PoStartNextPowerIrp was not called after a system power IRP',
      reserved,
      device('the target device object, if known'),
      device(),
    ],
  }),
  fixed(
    0xbd,
    'no',
    'The hardware changed while the system hibernated.',
    kind('change', { 1: 'fewer processors' }),
    value('number before'),
    value('number after'),
  ),
  subcoded(0x143, 'no', 'The processor power driver met a fatal error.', 1, {
    0x1: [
      'a plug-in did not accept a notification',
      value('the notification'),
      address('its message'),
      address("the processor's device context"),
    ],
    0x2: [
      'a plug-in returned an invalid idle state',
      named('error', { 0: 'too many processors', 1: 'invalid processor state', 2: 'invalid platform state' }),
      value('the number or state'),
      address("the processor's device context"),
    ],
  }),
  subcoded(0x14f, 'no', 'A component did not answer in time and keeps the system in connected standby.', 2, {
    0x1: ['a notification client', value('the client id'), address('the client'), address('triage data')],
    0x2: ['a resiliency client', value('the client id'), address('the client'), address('triage data')],
    0x3: [
      'an activator held its reference too long',
      value('the client id'),
      address('the client'),
      address('triage data'),
    ],
    0x100: [
      'the monitor is not on, for which win32k was asked',
      value('the client id'),
      value('the reason of the request'),
      value('the path of the request'),
    ],
  }),
  subcoded(0x15c, 'no', 'Live dump, no crash: a component did not answer in time at connected standby.', 2, {
    0x1: ['a notification client', value('the client id'), address('the client'), address('triage data')],
    0x2: ['a resiliency client', value('the client id'), address('the client'), address('triage data')],
    0x3: [
      'an activator held its reference too long',
      value('the client id'),
      address('the client'),
      address('triage data'),
    ],
  }),
  subcoded(
    0x15f,
    'no',
    'Live dump, no crash: a watchdog of connected standby ran out, so the battery lasts less long.',
    1,
    {
      0x1: [
        'no deepest idle state, for no visible reason',
        address('metrics'),
        value('milliseconds without it'),
      ],
      0x2: ['no deepest idle state, because of a device', fxDevice, component],
      0x3: [
        'no deepest idle state, because of a veto',
        value('the veto'),
        address('its name'),
        address('the callback'),
      ],
      0x4: ['no deep sleep', address('metrics'), value('milliseconds without it')],
      0x5: [
        'no deep sleep, because of a power setting',
        address('metrics'),
        value('milliseconds without it'),
      ],
    },
  ),
  fixed(
    0x17c,
    'no',
    'Live dump, no crash: a lock of connected standby was held too long.',
    thread('the thread that holds it'),
    value('timeout in milliseconds'),
  ),
  fixed(
    0x17d,
    'no',
    'Live dump, no crash: an activator of connected standby was revoked.',
    value('the client id'),
    address('the client'),
    address('the activation'),
    address('the client process'),
  ),
  fixed(
    0x1a4,
    'no',
    'Live dump, no crash: software and hardware differ about the time in the deepest idle state.',
    value('microseconds by software'),
    value('microseconds by hardware'),
  ),
  fixed(
    0x1a5,
    'no',
    'Live dump, no crash: a USB device keeps the system from its deepest idle state and is removed.',
    device(),
  ),
  fixed(
    0x1a9,
    'no',
    'Live dump, no crash: a directed power transition of a device failed.',
    fxDevice,
    named('direction', { 0: 'power up', 1: 'power down' }),
  ),
  fixed(0x1eb, 'no', 'Frozen programs were not released in time after standby.', address('the context')),
  fixed(
    0x356,
    'no',
    'The Xbox driver did not change to or from connected standby in time.',
    value('leaving connected standby'),
  ),
];
