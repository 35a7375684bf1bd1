import { type CaseRows, type Entry, reserved, subcoded } from '../entry.ts';
import { address, device, irp, irql, named, size, status, thread, value } from '../parameters.ts';

const context = address('the hibernation context');
const plugin = address('the power engine plug-in');
const fxDevice = address('the device of the power framework');
const component = value('index of the component');
const idleState = value('the coordinated idle state');
const transition = value('the power state in transition');
const checkpoint = value('the checkpoint last reached');
const callerThread = thread('the thread that handles the request');
const pending = address('the list of pending IRPs');
const activities = {
  0: 'device power on',
  1: 'change of idle state',
  2: 'component activating',
  3: 'component active',
  4: 'device power off',
  5: 'device suspend',
};

const sleepRows: CaseRows = {
  0x1: [
    'a power IRP was handled wrongly',
    named('error', {
      1: 'too many references to a device',
      2: 'too many inrush IRPs',
      3: 'too many inrush IRPs',
      4: 'too many inrush IRPs',
      5: 'sent to a passive-level device',
      6: 'the IRP could not be allocated',
    }),
    value('references or IRPs allowed, or the target device'),
    value('for error 6: 0 a system IRP, 1 a device IRP'),
  ],
  0x2: ['a power event could not be processed'],
  0x3: [
    'a hibernation context page has a wrong checksum',
    value('checksum expected'),
    value('checksum found'),
    value('source line'),
  ],
  0x4: [
    'a page for the hibernation file has a wrong checksum',
    value('checksum expected'),
    value('checksum found'),
    value('source line'),
  ],
  0x5: ['an unknown shutdown code'],
  0x7: ['an exception that nobody handled'],
  0x8: [
    'a system power event failed',
    value('always 100'),
    device(),
    address('summary of the power channel'),
  ],
  0x9: ['the hibernation file could not be prepared', status(), value('phase of the mirroring')],
  0xa: [
    'a bug check was requested for the wake-up',
    named('when', { 0: 'at once', 1: 'after the non-pageable devices', 2: 'after all devices' }),
  ],
  0xb: [
    'the hibernation file is too small',
    size('size of the file'),
    value('progress'),
    size('memory left, at progress 4'),
  ],
  0xc: ['the dump stack did not initialise', status(), value('context of the dump stack')],
  0xd: ['a power transition took too long', transition, checkpoint, address('the power action')],
  0xf: ['a power transition took too long', transition, checkpoint, callerThread],
  0xf0: ['going to sleep took too long', transition, checkpoint, callerThread],
  0xf1: ['resuming took too long', transition, checkpoint, callerThread],
  0x101: ['an exception during a power event', reserved, address('the exception')],
  0x102: [
    'the buffer of hibernation is not aligned to pages',
    reserved,
    address('the dump context'),
    context,
  ],
  0x103: ['not all pages of hibernation are accounted for', reserved, context],
  0x104: ['hibernation memory was mapped while locked', reserved, context],
  0x105: ['hibernation memory of an unknown type was mapped', reserved, context],
  0x106: ['an MDL of hibernation is not aligned to pages', reserved, address('the MDL')],
  0x107: ['the data of hibernation contradict each other', reserved, context, address('the memory ranges')],
  0x108: ['the disk did not write the hibernation file properly', reserved, context],
  0x109: [
    'the processor state has a wrong checksum',
    reserved,
    value('checksum expected'),
    value('checksum found'),
  ],
  0x10a: ['the disk failed on the hibernation file', reserved, context, status()],
  0x10b: ['PoSetHiberRange at a wrong time', reserved, value('progress')],
  0x10c: ['PoSetHiberRange with invalid arguments', reserved, value('its flags'), size('its length')],
  0x10d: ['the secure kernel gave no data for resuming', reserved, context, status()],
  0x10e: [
    'the disk returned damaged data of the hibernation file',
    reserved,
    value('the wrong checksum'),
    value('checksum of the read before'),
  ],
  0x10f: [
    'a checkpoint of sleep failed',
    checkpoint,
    named('error', {
      0: 'written with paging off but interrupts on',
      1: 'written by another processor than 0',
      2: 'firmware services are in use',
    }),
  ],
  0x110: ['sleep states could not be disabled'],
  0x111: ['a driver reported the user present, and a debugging option asks for a stop'],
  0x200: ['an unknown type of device', reserved, device(), address('its power extension')],
  0x300: ['an unknown status of a battery', reserved, device(), irp()],
  0x301: ['an unknown state of a battery', reserved, device(), irp()],
  0x400: ['too many references to a device', reserved, address('the stack location'), device()],
  0x401: ['too many inrush IRPs', reserved, pending, device()],
  0x402: ['too many inrush IRPs', reserved, pending, device()],
  0x403: ['too many inrush IRPs', reserved, pending, device()],
  0x404: ['a power IRP to a passive-level device', reserved, address('the stack location'), device()],
  0x500: ['an unknown status of a thermal zone', reserved, irp(), device()],
};

const frameworkRows: CaseRows = {
  0x600: ['a driver registered twice', device()],
  0x601: ['no plug-in accepted a device', fxDevice, address('the registration')],
  0x602: ['sleep and activation counts of a device differ', address('the device node'), value('sleep count')],
  0x603: ['an invalid work request of a plug-in', plugin, value('type of the request')],
  0x605: ['a plug-in did not accept a notification', value('the notification'), plugin],
  0x606: [
    'a critical resource became active or idle twice',
    address('the component'),
    value('its flags'),
    value('the new condition'),
  ],
  0x607: ['the removal lock of a device could not be had', fxDevice, status()],
  0x608: ['a component became idle without being active', address('the component'), value('its flags')],
  0x609: [
    'a device power request came twice',
    plugin,
    fxDevice,
    named('request', { 0: 'power required', 1: 'power not required' }),
  ],
  0x610: ['device power not required while it is required', plugin, fxDevice],
  0x611: ['an invalid component', plugin, fxDevice, component],
  0x612: ['work was requested where none can be', plugin],
  0x613: [
    'a driver completed a request that is not pending',
    fxDevice,
    component,
    named('operation', { 0: 'power not required', 1: 'device powered on', 2: 'idle condition' }),
  ],
  0x614: [
    'a component was activated with an invalid argument',
    fxDevice,
    component,
    named('error', {
      0: 'blocking at DISPATCH_LEVEL',
      1: 'blocking and asynchronous',
      2: 'invalid component',
    }),
  ],
  0x615: [
    'an activation was completed wrongly',
    plugin,
    address('the component'),
    named('error', {
      0: 'not in idle state 0',
      1: 'active already',
      2: 'not requested',
      3: 'a transition is pending',
    }),
  ],
  0x616: [
    'an idle state was requested wrongly',
    plugin,
    address('the component'),
    named('error', { 0: 'invalid state', 1: 'in that state already', 2: 'not by way of state 0' }),
  ],
  0x617: ['an invalid acceptance of a device', plugin, address('the device id'), address('the registration')],
  0x618: ['a power worker thread was blocked for too long', address('the work order')],
  0x619: [
    'a device kept the system from its deepest idle state',
    fxDevice,
    component,
    address('the device node of the child that did it, if any'),
  ],
  0x61a: ['invalid performance states', plugin, fxDevice],
  0x61b: ['a performance state was requested before registration', fxDevice, component],
  0x61c: [
    'a performance state was requested with invalid arguments',
    fxDevice,
    component,
    value('the argument'),
  ],
  0x61d: [
    'a performance state was requested while one is pending',
    fxDevice,
    component,
    address('context of the pending request'),
  ],
  0x61e: ['a critical transition of a debugger device'],
  0x61f: ['automatic debugger transitions for a state that is not of the platform', fxDevice, idleState],
  0x620: ['a D-state dependency for a state that is not of the platform', fxDevice, idleState],
  0x621: ['an F-state dependency for a state that is not of the platform', fxDevice, component, idleState],
  0x622: [
    'a driver unregistered with dependents left',
    address('the parent component'),
    address('the child component'),
  ],
  0x666: [
    'two activities conflict',
    address('the activity'),
    named('new', activities),
    named('conflicting', activities),
  ],
  0x667: [
    'an activity was completed that does not run',
    address('the activity'),
    named('activity', activities),
    value('its status'),
  ],
  0x668: [
    'a constraint was removed that was not set',
    address('the coordinated state'),
    value('the reference count'),
    value('mask of idle states'),
  ],
  0x669: [
    'an inconsistent count of a platform idle state',
    address('the coordinated state'),
    value('the reference count'),
  ],
};

const platformRows: CaseRows = {
  0x680: ['a required ACPI table is missing or malformed', status()],
  0x700: ['invalid idle dependencies of a processor', value('the plug-in handle'), address('the selection')],
  0x701: [
    'a processor did not complete an idle transition',
    value('the idle state'),
    address('its PRCB'),
    value('its index'),
  ],
  0x702: [
    'a processor woke up by itself',
    value('the idle state'),
    value('its synchronisation state'),
    address('its PRCB'),
  ],
  0x703: ['invalid idle dependencies of a platform state', value('the plug-in handle'), address('the query')],
  0x704: ['a coordinated idle transition took too long'],
  0x705: [
    'a plug-in changed a read-only field',
    value('the plug-in handle'),
    value('the notification'),
    value('name of the field, as four characters'),
  ],
  0x706: [
    'a plug-in returned an illegal value',
    value('the notification'),
    value('name of the field, as four characters'),
    value('the value, or its index'),
  ],
  0x800: ['the monitor came on in connected standby', value('state of connected standby')],
  0x801: ['an invalid change of the display state', value('the reason'), value('the session')],
  0x802: [
    'the idle phase kept the system from standby',
    value('why the display went off'),
    value('1 when the event processor is enabled'),
    address('the watchdog context'),
  ],
  0x900: [
    'a power-setting callback changed the IRQL',
    address('the callback'),
    irql('IRQL before'),
    irql('IRQL after'),
  ],
  0x901: ['a driver changed APC disables in a power IRP', device(), irp(), value('the APC disable count')],
  0x4001: [
    'the kernel failed in a power operation',
    named('error', {
      0x100: 'a processor did not come on',
      0x101: 'invalid interrupt target',
      0x102: 'the interrupt target could not be changed',
      0x103: 'no interrupt to another processor',
      0x104: 'unsupported architecture',
    }),
  ],
  0xaa64: [
    'a PSCI function of the firmware failed',
    value('error'),
    value('the function'),
    value('further data'),
  ],
};

/** 0xA0: sleep and hibernation, the power framework, the platform. */
export const internalPower: readonly Entry[] = [
  subcoded(0xa0, 'no', 'The power manager met a fatal error.', 1, sleepRows, frameworkRows, platformRows),
];
