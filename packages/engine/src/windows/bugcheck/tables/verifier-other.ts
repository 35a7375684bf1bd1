import { type CaseRows, group } from '../entry.ts';
import { address, device, driverName, irp, thread, value } from '../parameters.ts';

const resource = address('the resource');
const lock = address('the lock');
const caller = address("the driver's code");
const sector = value('the sector');

const otherRows: CaseRows = {
  0xa0: ['checksum error on a disk', irp(), device('the lower device object'), sector],
  0xa1: [
    'checksum error on a disk, found later',
    irp('copy of the IRP'),
    device('the lower device object'),
    sector,
  ],
  0xa2: [
    'the copies of a disk checksum differ',
    irp('the IRP, or a copy'),
    device('the lower device object'),
    sector,
  ],
  0x1000: ['deadlock of a thread with itself: a resource owned shared is wanted exclusive', resource],
  0x1001: ['locks are taken in an order that can deadlock', resource],
  0x1002: ['acquire of a resource that was never initialised', resource],
  0x1003: ['release in the wrong order', resource, address('the resource to be released first')],
  0x1004: [
    'release by another thread than the owner',
    resource,
    thread('the owner'),
    thread('the current thread'),
  ],
  0x1005: ['a resource was initialised more than once', resource],
  0x1007: ['release of a resource that is not held', resource],
  0x1008: ['acquire by a call for another kind of lock', lock],
  0x1009: ['release by a call for another kind of lock', lock],
  0x100a: ['the thread that ended still owns a lock', thread('the owner')],
  0x100b: ['a lock was deleted that a thread still owns', lock, thread('the owner')],
  0x1012: [
    'the state storage of a verifier extension is damaged',
    address('text of the violation'),
    value('a value involved'),
    value('a value involved'),
  ],
  0x1013: [
    "the verifier's copy of I/O callbacks is damaged",
    address('the driver object'),
    address('the original callbacks'),
  ],
  0x2001: ['executable page protection was requested', caller, value('the page protection')],
  0x2002: ['an executable MDL mapping was requested', caller, value('the page priority')],
  0x2003: [
    'a section of the image is both executable and writable',
    driverName('name of the image'),
    address('the section header'),
    address('name of the section'),
  ],
  0x2004: [
    'a section of the image is not aligned to pages',
    driverName('name of the image'),
    address('the section header'),
    address('name of the section'),
  ],
  0x2005: [
    'the import address table is in an executable section',
    driverName('name of the image'),
    address('the import directory'),
    address('name of the section'),
  ],
};

const nbl = address('the NET_BUFFER_LIST');
const vSwitch = address('the virtual switch, if known');

const switchRows: CaseRows = {
  0xa001: ['the source handle of a packet is not set', nbl, vSwitch],
  0xa002: ['the forwarding detail of a packet is not zero', nbl, vSwitch],
  0xa003: ['a packet has no header or routing context', nbl, vSwitch],
  0xa004: ['port and NIC index do not fit', value('the port'), value('the NIC index'), vSwitch],
  0xa005: ['a destination is not valid', nbl, address('list of destinations'), vSwitch],
  0xa006: ['the source NIC or port is not valid', nbl, vSwitch],
  0xa007: ['a list of destinations is not valid', nbl, vSwitch],
  0xa008: [
    'a NIC was referenced when it may not be',
    address('the parent NIC'),
    value('the NIC index'),
    vSwitch,
  ],
  0xa009: ['a port was referenced when it may not be', value('the port'), vSwitch],
  0xa00a: ['the context of a failure is set already', nbl, address('the context type')],
  0xa00b: ['the direction of a dropped packet is not valid', nbl, value('flags of the report'), vSwitch],
  0xa00c: [
    'packets of several source ports in a single-source chain',
    nbl,
    value('flags of the send'),
    vSwitch,
  ],
  0xa00d: ['invalid destination in a chain for one group', nbl, address("the switch's context"), vSwitch],
  0xa00e: [
    'a packet was completed by network virtualisation that was told not to',
    nbl,
    address("the switch's context"),
    vSwitch,
  ],
};

/** 0xC4: disks, deadlocks, executable memory, virtual switches. */
export const verifierOther = group('no', { ...otherRows, ...switchRows });
