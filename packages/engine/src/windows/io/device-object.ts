import { type Va, wrap64 } from '../../base/index.ts';
import { describeListEnd, walkList } from '../../types/index.ts';
import { MemberReader } from '../member-reader.ts';
import { type ObjectKernel, readObjectHeader } from '../objects/index.ts';
import { driverName } from './driver-object.ts';
import { ioObjectAt, ioTypes } from './io-object.ts';

/** IRPs that wait until the device is free. */
export interface DeviceQueue {
  readonly busy: boolean | undefined;
  readonly irps: readonly Va[];
  /** What is wrong with the list, as half a sentence. */
  readonly problem: string | undefined;
}

/** A DEVICE_OBJECT. Undefined: its bytes are not in the dump, or where the build keeps it is not known. */
export interface DeviceObject {
  readonly address: Va;
  /** Its own name, without the directory; empty when it has none. */
  readonly name: string | undefined;
  readonly driver: Va | undefined;
  readonly driverName: string | undefined;
  readonly nextDevice: Va | undefined;
  /** The device that was attached on top of it; 0: none. */
  readonly attachedDevice: Va | undefined;
  /** The device that it is attached to; 0: none. */
  readonly attachedTo: Va | undefined;
  readonly currentIrp: Va | undefined;
  readonly referenceCount: number | undefined;
  readonly deviceType: number | undefined;
  readonly flags: number | undefined;
  readonly characteristics: number | undefined;
  readonly stackSize: number | undefined;
  readonly vpb: Va | undefined;
  readonly securityDescriptor: Va | undefined;
  /** The driver's own data. */
  readonly deviceExtension: Va | undefined;
  readonly deviceObjectExtension: Va | undefined;
  readonly extensionFlags: number | undefined;
  readonly deviceNode: Va | undefined;
  readonly queue: DeviceQueue;
  /** Names of those above whose bytes are not in the dump. */
  readonly missing: readonly string[];
}

/** The structures that it is read from. */
export const deviceStructures = ['_DEVICE_OBJECT', '_DEVOBJ_EXTENSION'] as const;

const maxQueued = 0x1000;

/** Reads a device object. Throws TYPES_UNKNOWN, MEMORY_UNREADABLE or NO_SUCH_RECORD. */
export function readDeviceObject(kernel: ObjectKernel, address: Va): DeviceObject {
  const object = ioObjectAt(kernel, '_DEVICE_OBJECT', ioTypes.device, address);
  const missing: string[] = [];
  const read = new MemberReader(object, missing);
  const driver = read.pointer('driver', 'DriverObject');
  const deviceObjectExtension = read.pointer('deviceObjectExtension', 'DeviceObjectExtension');
  return {
    address,
    name: nameOf(kernel, address),
    driver,
    driverName: driverName(kernel, driver),
    nextDevice: read.pointer('nextDevice', 'NextDevice'),
    attachedDevice: read.pointer('attachedDevice', 'AttachedDevice'),
    currentIrp: read.pointer('currentIrp', 'CurrentIrp'),
    referenceCount: read.number('referenceCount', 'ReferenceCount'),
    deviceType: read.number('deviceType', 'DeviceType'),
    flags: read.number('flags', 'Flags'),
    characteristics: read.number('characteristics', 'Characteristics'),
    stackSize: read.number('stackSize', 'StackSize'),
    vpb: read.pointer('vpb', 'Vpb'),
    securityDescriptor: read.pointer('securityDescriptor', 'SecurityDescriptor'),
    deviceExtension: read.pointer('deviceExtension', 'DeviceExtension'),
    deviceObjectExtension,
    ...readExtension(kernel, deviceObjectExtension, missing),
    queue: readQueue(kernel, read),
    missing,
  };
}

/** Undefined too where object headers of this build are not known. */
function nameOf(kernel: ObjectKernel, address: Va): string | undefined {
  return kernel.structures.offset('_OBJECT_HEADER', 'InfoMask') === undefined
    ? undefined
    : readObjectHeader(kernel, address).name;
}

type Extension = Pick<DeviceObject, 'attachedTo' | 'extensionFlags' | 'deviceNode'>;

function readExtension(
  { structures }: ObjectKernel,
  extension: Va | undefined,
  missing: string[],
): Extension {
  if (extension === undefined || extension === 0n || structures.find('_DEVOBJ_EXTENSION') === undefined)
    return { attachedTo: undefined, extensionFlags: undefined, deviceNode: undefined };
  const read = new MemberReader(structures.at('_DEVOBJ_EXTENSION', extension), missing);
  return {
    attachedTo: read.pointer('attachedTo', 'AttachedTo'),
    extensionFlags: read.number('extensionFlags', 'ExtensionFlags'),
    deviceNode: read.pointer('deviceNode', 'DeviceNode'),
  };
}

function readQueue({ structures, target }: ObjectKernel, read: MemberReader): DeviceQueue {
  const busy = read.flag('queue', 'DeviceQueue.Busy');
  const head = read.address('DeviceQueue.DeviceListHead');
  const link = structures.offset('_IRP', 'Tail.Overlay.DeviceQueueEntry');
  if (busy === undefined || head === undefined || link === undefined)
    return { busy, irps: [], problem: undefined };
  const { memory, pointerSize } = target;
  const walk = walkList(memory, head, { pointerSize, linkOffset: link, limit: maxQueued });
  const irps: Va[] = [];
  for (let step = walk.next(); ; step = walk.next()) {
    if (step.done === true) {
      // A device that never used its queue may not have initialised it.
      const isUnused = step.value.kind === 'empty-head' && !busy;
      return { busy, irps, problem: isUnused ? undefined : describeListEnd(step.value) };
    }
    irps.push(wrap64(step.value.at));
  }
}
