import { type CaseRows, type Entry, fixed, reserved, subcoded } from '../entry.ts';
import { address, device, irql, kind, named, size, status, value } from '../parameters.ts';

const miniport = address('the miniport adapter block');
const driverBlock = address('the driver block');
const driverObject = address('the driver object');
const interrupt = address('the interrupt');
const timers = address("the queue of the miniport's timers");
const packet = [miniport, address('the packet'), address('the array of packets')] as const;
const busyPacket = 'a packet was indicated that is in use by the protocols';

const stuckOperations = {
  0x1: 'pausing a protocol',
  0x2: 'an event to a protocol',
  0x3: 'a status to a protocol',
  0x4: 'unbinding a protocol',
  0x11: 'pausing a filter',
  0x12: 'an event to a filter',
  0x13: 'a status to a filter',
  0x14: 'detaching a filter',
  0x21: 'pausing a miniport',
  0x22: 'halting a miniport',
  0x23: 'a request to a miniport',
  0x24: 'a request to a filter',
  0x25: 'idling a miniport',
  0x26: 'cancelling an idle request',
};
const watchdog = [
  'the network stack took too long',
  named('operation', stuckOperations),
  address('triage data'),
  value('the event, status or request, by the operation'),
] as const;

const rows: CaseRows = {
  0x1: ['NdisMAllocateSharedMemory at raised IRQL', miniport, size('bytes requested'), irql('current IRQL')],
  0x2: [
    'shared memory was damaged',
    miniport,
    address('the damaged page'),
    address('record of the shared memory'),
  ],
  0x3: [
    'shared memory was freed that is free already',
    miniport,
    address('the page'),
    address('the shared memory'),
  ],
  0x4: ['AddDevice with a driver that is not registered', driverBlock, driverObject],
  0x5: [busyPacket, ...packet],
  0x6: [busyPacket, ...packet],
  0x7: [busyPacket, ...packet],
  0x8: ['a miniport halted with its interrupt registered', miniport, interrupt],
  0x9: ['a miniport halted with timers running', miniport, timers],
  0xa: ['a miniport driver unloads too early', driverBlock, driverObject, value('references')],
  0xb: ['a miniport failed to start and left its interrupt registered', miniport, interrupt],
  0xc: ['a miniport failed to start and left timers running', miniport, timers],
  0xd: ['a miniport halted from its start with its interrupt registered', miniport, interrupt],
  0xe: ['a miniport halted from its start with timers running', miniport, timers],
  0xf: [
    'NdisMResetComplete without a reset',
    miniport,
    value('status of the reset'),
    value('AddressingReset'),
  ],
  0x10: ['a miniport failed to resume and left its interrupt registered', miniport, interrupt],
  0x11: ['a miniport failed to resume and left timers running', miniport, timers],
  0x12: [busyPacket, ...packet],
  0x13: [busyPacket, ...packet],
  0x14: ['NdisWaitEvent at an IRQL not allowed', irql()],
  0x15: ['an NDIS 6 miniport called an old function', miniport],
  0x16: [
    'a protocol opened an adapter wrongly while binding',
    address('the protocol'),
    address('the bind context'),
    address('the open handle'),
  ],
  0x17: ['an interface provider deregistered with interfaces left', address('the provider')],
  0x1b: [
    'the stack of interfaces would have a loop',
    value('index of the upper interface'),
    value('index of the lower interface'),
  ],
  0x1c: ['a request failed that must not', miniport, value('the request'), value('its status')],
  0x1d: ['a request was completed with more bytes than its buffer', miniport, address('the request')],
  0x1e: [
    'a reference count of NDIS is wrong',
    reserved,
    address('the reference block'),
    value('current tag'),
  ],
  0x1f: ['a miniport completed a change of state that is not pending', value('the change'), miniport],
  0x20: [
    'an invalid status was indicated',
    value('the status'),
    address('the driver instance'),
    address('the payload'),
  ],
  0x21: ['an invalid object header', address('the driver'), address('the object')],
  0x22: ['an invalid event was indicated', address('the driver'), address('the event')],
  0x23: [
    'an error in Packet Direct',
    value('kind of error'),
    address('an object, by the error'),
    address('an object, by the error'),
  ],
  0x24: ['an internal operation failed', named('operation', { 1: 'KeWaitForSingleObject' }), status()],
  0x25: watchdog,
  0x26: ['a request was completed that is not pending', address('the driver'), address('the request')],
  0x27: ['packets leaked', named('found by', { 1: 'the packet tracker' })],
};

/** The network stack and its drivers. */
export const network: readonly Entry[] = [
  subcoded(0x7c, 'maybe', 'NDIS found an error of a network driver.', 1, rows),
  fixed(
    0xbb,
    'no',
    'Starting Windows over the network failed.',
    kind('step', { 1: 'updating the registry', 2: 'starting the network', 3: 'DHCP' }),
    status(),
  ),
  fixed(
    0xbc,
    'no',
    'Another machine has the IP address of this one, which starts over the network.',
    value('IP address, lowest byte first'),
    value('hardware address of the other machine'),
    value('hardware address of the other machine'),
    value('hardware address of the other machine, 0 for Ethernet'),
  ),
  fixed(
    0xd2,
    'maybe',
    'NDIS of Windows 2000 and XP found an error of a network driver.',
    miniport,
    value('depends on the error'),
    value('depends on the error'),
    value('depends on the error'),
  ),
  subcoded(0xfa, 'maybe', 'The HTTP driver is in a damaged state.', 1, {
    0x1: [
      'a work item is not valid',
      address('the work item'),
      address('name of the source file'),
      value('source line'),
    ],
  }),
  fixed(
    0x125,
    'maybe',
    'The registrar of network modules found an invalid state.',
    value('kind of state'),
    address('the handle'),
    address('the type expected, if known'),
  ),
  fixed(0x150, 'no', 'A network adapter is still marked active although all sending is done.'),
  subcoded(0x15e, 'no', 'Live dump, no crash: NDIS found an error of a network driver and went on.', 1, {
    0x1: [
      'a miniport met a fatal error and is enumerated again',
      miniport,
      device(),
      value('number of the cause'),
    ],
    0x25: watchdog,
    0x30: ['a packet was not returned for some time', miniport],
  }),
  fixed(
    0x156,
    'no',
    'Live dump, no crash: closing a socket hangs.',
    address('the endpoint'),
    named('endpoint', { 1: 'UDP', 2: 'raw', 3: 'TCP listener', 4: 'TCP connection' }),
    value('bytes waiting to be sent'),
    address('triage data'),
  ),
  subcoded(0x1d3, 'no', 'A callout of the filtering platform did something not allowed.', 1, {
    0x1: [
      'a packet list with several packets was injected inbound',
      reserved,
      address('the NET_BUFFER_LIST'),
    ],
  }),
  fixed(
    0x1dd,
    'no',
    'The mobile broadband framework found an error of a driver.',
    kind('error', {
      0: 'damaged private data',
      1: 'not at PASSIVE_LEVEL',
      2: 'above DISPATCH_LEVEL',
      3: 'structure of a wrong size',
      4: 'invalid power capabilities',
      5: 'invalid wake reason',
      6: 'no disarm under way',
      7: 'an object could not be made',
    }),
  ),
  subcoded(0x1de, 'no', 'The Wi-Fi framework found an error of a driver.', 1, {
    0x0: ['damaged private data'],
    0x1: ['a call above PASSIVE_LEVEL', irql('current IRQL')],
    0x2: ['a call above DISPATCH_LEVEL', irql('current IRQL')],
    0x3: ['a structure of a wrong size', size('size given'), size('size expected')],
    0x4: ['an invalid wake reason', value('the reason')],
    0x5: ['an invalid list of power offloads', address('the list')],
    0x6: ['an invalid list of wake sources', address('the list')],
    0x7: ['an invalid interface context', address('the context')],
    0x8: ['an invalid type of queue demultiplexing', address('the description'), value('its type')],
    0x9: ['an invalid range of queue demultiplexing', address('the description'), value('its range')],
    0xa: ['a wake reason at a wrong time'],
    0xb: ['a field that is no longer to be used', address('name of the field')],
  }),
];
