import { DebuggerError, type Va } from '../../base/index.ts';
import type { ObjectKernel } from '../objects/index.ts';
import { type DeviceNode, readDeviceNode } from './device-node.ts';
import { type DeviceObject, readDeviceObject } from './device-object.ts';

/** The devices that requests pass through, the upper ones first. */
export interface DeviceStack {
  readonly devices: readonly DeviceObject[];
  /** The device that was asked for, as an index. */
  readonly asked: number;
  /** Of the device at the bottom, when it has one. */
  readonly node: DeviceNode | undefined;
  /** Sentences about what is cut or does not fit. */
  readonly problems: readonly string[];
}

/** A stack has a few devices, hardly more than ten. */
const deepest = 0x40;

/** Reads the stack of a device. Throws TYPES_UNKNOWN, MEMORY_UNREADABLE or NO_SUCH_RECORD for the device itself. */
export function readDeviceStack(kernel: ObjectKernel, address: Va): DeviceStack {
  const device = readDeviceObject(kernel, address);
  const problems: string[] = [];
  const seen = new Set([address]);
  const above = follow(kernel, seen, problems, 'up', device, ({ attachedDevice }) => attachedDevice);
  const below = follow(kernel, seen, problems, 'down', device, ({ attachedTo }) => attachedTo);
  const devices = [...above.toReversed(), device, ...below];
  checkLinks(devices, problems);
  const node = devices.at(-1)!.deviceNode;
  return {
    devices,
    asked: above.length,
    node: node === undefined || node === 0n ? undefined : readDeviceNode(kernel, node),
    problems,
  };
}

function follow(
  kernel: ObjectKernel,
  seen: Set<Va>,
  problems: string[],
  way: 'up' | 'down',
  device: DeviceObject,
  next: (device: DeviceObject) => Va | undefined,
): DeviceObject[] {
  const devices: DeviceObject[] = [];
  for (let at = next(device); at !== 0n; ) {
    if (at === undefined) {
      problems.push(unknownEnd(kernel, way));
      break;
    }
    if (seen.has(at) || devices.length >= deepest) {
      problems.push(`The way ${way} the stack ${seen.has(at) ? 'runs in a circle' : 'is too long'}.`);
      break;
    }
    seen.add(at);
    const found = tryRead(kernel, at);
    if (found instanceof DebuggerError) {
      problems.push(`The way ${way} the stack ends: ${found.message}.`);
      break;
    }
    devices.push(found);
    at = next(found);
  }
  return devices;
}

const unknownEnd = ({ structures }: ObjectKernel, way: 'up' | 'down'): string =>
  way === 'down' && structures.offset('_DEVOBJ_EXTENSION', 'AttachedTo') === undefined
    ? 'Devices below are not known: where a device keeps them is private to Windows, and not known for this build.'
    : `The way ${way} the stack is cut: its next link is not in this dump.`;

function tryRead(kernel: ObjectKernel, at: Va): DeviceObject | DebuggerError {
  try {
    return readDeviceObject(kernel, at);
  } catch (error) {
    if (error instanceof DebuggerError) return error;
    throw error;
  }
}

/** Both links of two neighbours have to agree. */
function checkLinks(devices: readonly DeviceObject[], problems: string[]): void {
  for (const [index, upper] of devices.entries()) {
    const lower = devices[index + 1];
    if (lower === undefined) continue;
    const isDown = upper.attachedTo === undefined || upper.attachedTo === lower.address;
    const isUp = lower.attachedDevice === undefined || lower.attachedDevice === upper.address;
    if (isDown && isUp) continue;
    const [one, other] = [upper, lower].map(({ address }) => address.toString(16));
    problems.push(`The links of ${one} and ${other} do not agree.`);
  }
}
