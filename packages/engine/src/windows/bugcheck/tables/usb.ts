import { type CaseRows, type Entry, fixed, subcoded } from '../entry.ts';
import { address, device, irp, irql, kind, named, value } from '../parameters.ts';

const urb = address('the URB');
const client = device("the client driver's device object");
const xhci = address('the live dump context of the controller');
const hub = address('the live dump context of the hub');

const controllerErrors: readonly string[] = [
  'host system error',
  'host controller error',
  'an endpoint did not stop properly',
  'an endpoint is in a wrong state after its stop',
  'clearing a stalled control endpoint failed (dequeue pointer)',
  'clearing a stalled control endpoint failed (reset)',
  'the controller could not be reset',
  'the controller could not be restarted',
  'a command did not complete after its abort',
  'the dequeue pointer could not be set after an endpoint stopped',
  'the controller could not be stopped',
  'the firmware of the controller is not supported',
  'the controller was removed',
  'an error of an endpoint with streams',
  'the firmware of the controller is out of date',
  'a transfer ended with an unknown code',
  'the event ring is full',
  'a command was completed out of order',
  'a wrong dequeue pointer after a command was aborted',
  'a bad slot id',
  'a device address could not be set',
  'no slot for the reset of a device',
  'an endpoint could not be removed',
  'a slot could not be disabled',
  'a device could not be reset',
  'the dequeue pointer could not be set after the reset of an endpoint',
  'the reset of an endpoint ended with an unknown code',
  'the controller did not power on',
  'a stream endpoint could not be replaced in two steps',
  'a transfer was completed that is not pending (event data)',
  'a transfer was completed that is not pending (address)',
  'a transfer was completed that is not pending, perhaps twice',
  'an endpoint could not be replaced in two steps',
  'an endpoint could not be replaced in one step',
];

const controllerRows: CaseRows = Object.fromEntries(
  controllerErrors.map((text, index) => [0x1001 + index, [text, xhci]]),
);

const clientRows: CaseRows = {
  0x1: ['a URB was used that was sent before', irp('the IRP, if any'), urb, client],
  0x2: ['a boot or paging device could not be enumerated again', device()],
  0x3: ['a damaged URB was sent', irp('the IRP, if any'), urb, client],
  0x800: ['streams were opened above PASSIVE_LEVEL', irql(), irp(), client],
  0x801: ['streams were opened without asking for the capability', irp(), urb, client],
  0x802: [
    'a wrong number of streams was opened',
    value('streams asked for'),
    value('streams granted'),
    client,
  ],
  0x803: ['streams were opened twice', irp(), urb, client],
  0x804: ['a handle or URB leaked', address('the handle context'), client],
  0x805: ['streams were closed in a wrong state', value('the request'), urb, client],
  0x806: ['a chained MDL without asking for the capability', irp(), urb, client],
  0x807: ['a transfer longer than its MDL', address('the MDL'), urb, client],
  0x3000: ['a hub was reset', hub],
  0x3001: ['a hub could not be reset', hub],
  0x3002: ['a hub was disabled', hub],
  0x3003: ['a device could not be enumerated', hub],
};

const connector = { 0: 'a command took too long', 1: 'a command failed' };
const connectorWords = [kind('failure', connector), value('the command'), address('triage data, if any')];

/** USB, USB-C and Bluetooth. */
export const usb: readonly Entry[] = [
  subcoded(0xfe, 'no', 'A USB driver met an error.', 1, {
    0x1: ['an internal error'],
    0x2: ['a URB was sent that belongs to a pending IRP', irp('the pending IRP'), irp('the IRP sent'), urb],
    0x3: ['the miniport driver asked for the bug check, mostly for a hardware failure'],
    0x4: ['an IRP was sent that is pending', irp(), urb],
    0x5: [
      'the hardware gave a bad physical address',
      address("the controller's device extension"),
      value('PCI vendor and product'),
      address('the endpoint'),
    ],
    0x6: ['an internal structure is damaged', address('the object'), value('signature expected')],
    0x7: [
      'see the message',
      address('the debug log'),
      address('the message'),
      address('name of the source file'),
    ],
    0x8: [
      'an error of the hub driver',
      named('error', { 2: 'an unexpected IRP', 4: 'a fatal error of a device', 6: 'a timeout' }),
      value('device, context or timeout, by the error'),
      value('IRP, context or port, by the error'),
    ],
  }),
  subcoded(0x144, 'no', 'The USB 3 stack met an error.', 1, clientRows, controllerRows),
  subcoded(0x198, 'no', 'Live dump, no crash: the USB function framework failed.', 1, {
    0x1: [
      'a class driver did not activate the bus',
      value('mask of child devices'),
      value('mask of active child devices'),
    ],
  }),
  fixed(0x1a6, 'no', 'Live dump, no crash: the Bluetooth driver resets its radio.', device()),
  fixed(0x1d4, 'no', 'Live dump, no crash: a USB-C connector command failed.', ...connectorWords),
  fixed(
    0x1d8,
    'no',
    'A USB-C connector command failed, and the system is set to stop then.',
    ...connectorWords,
  ),
];
