import { type Entry, subcoded } from '../entry.ts';
import { address, irql, size, value } from '../parameters.ts';
import { verifierIrql } from './verifier-irql.ts';
import { verifierObjects } from './verifier-objects.ts';
import { verifierOther } from './verifier-other.ts';
import { verifierPool } from './verifier-pool.ts';
import { verifierRules } from './verifier-rules.ts';

const extension = address("the miniport's device extension");
const request = address('the request block');
const brb = address('the Bluetooth request block');

/** Driver Verifier, and verifiers of single buses. */
export const verifiers: readonly Entry[] = [
  subcoded(
    0xc4,
    'maybe',
    'Driver Verifier caught a driver that breaks a rule.',
    1,
    verifierPool,
    verifierIrql,
    verifierObjects,
    verifierOther,
    verifierRules,
  ),
  subcoded(
    0x1c4,
    'maybe',
    'Live dump, no crash: Driver Verifier caught a driver that breaks a rule.',
    1,
    verifierRules,
  ),
  subcoded(0xf1, 'no', 'Driver Verifier caught a storage miniport that breaks a rule.', 1, {
    0x1000: ['bad arguments to ScsiPortInitialize', value('first argument'), value('second argument')],
    0x1001: ['ScsiPortStallExecution for more than 0.1 seconds', value('delay in microseconds')],
    0x1002: [
      'a miniport routine took more than 0.5 seconds',
      address('the routine'),
      extension,
      value('microseconds it took'),
    ],
    0x1003: ['a request was completed more than once', extension, request],
    0x1004: ['a request was completed with an invalid status', request, extension],
    0x1005: [
      'a next request was asked for while an untagged one is active',
      extension,
      address('the logical unit'),
    ],
    0x1006: ['ScsiPortGetPhysicalAddress with an invalid address', extension, address('the address')],
    0x1007: ['the bus reset is over, but requests are outstanding', address('the adapter'), extension],
    0x2001: ['StorPortStallExecution for more than 0.1 seconds', value('delay in microseconds')],
    0x2002: ['StorPortGetUncachedExtension outside HwStorFindAdapter'],
    0x2003: ['StorPortGetDeviceBase with an address that is not assigned'],
    0x2004: ['a request was completed more than once'],
    0x2005: ['reading or writing a register at an invalid address'],
  }),
  subcoded(0xf6, 'no', 'The PCI driver caught a device or the firmware breaking a rule.', 1, {
    0x1: ['the firmware programmed an active bridge while docking'],
    0x2: ['a power control register did not follow in time'],
    0x3: ['a driver wrote to configuration space that belongs to Windows'],
  }),
  subcoded(0x121, 'no', 'A driver called a function at an IRQL that it does not allow.', 1, {
    0x1: ['another IRQL is needed', irql('current IRQL'), irql('IRQL needed')],
    0x2: ['the IRQL is too high', irql('current IRQL'), irql('highest IRQL allowed')],
  }),
  subcoded(0xbfe, 'no', 'The Bluetooth verifier caught a driver that breaks a rule.', 1, {
    0x1: ['a request block was submitted that is in use', brb],
    0x2: ['a request block was freed that is in use', brb],
    0x3: ['a request block of an invalid type', brb, address("the device's extension, if known")],
    0x4: ['an invalid request block', brb],
    0x5: ['a request block of an invalid size', brb, size('size found'), size('size expected')],
    0x6: ['IOCTL_BTH_GET_DEVICE_INFO with invalid arguments'],
    0x7: ['BRB_L2CA_UNREGISTER_SERVER with an invalid handle', value('the handle')],
    0x8: ['BRB_L2CA_CLOSE_CHANNEL with an invalid handle', brb, value('the handle')],
    0x9: ['BRB_SCO_UNREGISTER_SERVER with an invalid handle', value('the handle')],
  }),
  subcoded(0xbff, 'no', 'The Bluetooth verifier caught a miniport that breaks a rule.', 1, {
    0x1: ['a packet of another type than the request', value('type returned'), value('type expected')],
    0x2: ['an unexpected status, for which the packet was dropped', value('the status')],
    0x3: ['a wrong number of bytes written', size('size returned'), size('size expected')],
  }),
];
