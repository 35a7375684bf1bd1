import { DebuggerError, type Va } from '../../base/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { type Irp, readDeviceObject, readDriverObject, readIrp } from '../../windows/index.ts';
import type { Finding, Ground } from './finding.ts';
import { driverAt } from './images.ts';
import { parameterWith, type Scene } from './scene.ts';

const powerStateFailure = 0x9f;
/** Sub-codes whose device object is that of the driver at fault; the others name one of the bus driver's. */
const namesDevice: ReadonlySet<bigint> = new Set([1n, 2n, 0x500n]);

interface Holder {
  readonly image: string;
  readonly ground: Ground;
}

/** A change of power state that a driver did not carry out: who has the request, or whose the device is. */
export function powerFinding(scene: Scene): Finding | undefined {
  const { system } = scene;
  if (system.bugCheck.baseCode !== powerStateFailure) return undefined;
  const irp = parameterWith(scene, 'irp');
  const holder = irp === undefined ? ownerOfDevice(scene) : holderOf(scene, irp);
  if (holder === undefined) return undefined;
  const { image, ground } = holder;
  const because = irp === undefined ? 'owns the device' : 'has the power request, and did not complete it';
  return {
    kind: 'not-pool',
    summary:
      irp === undefined
        ? `${image} mishandled a change of power state of its device`
        : `${image} has had a power request for too long without completing it`,
    block: null,
    victims: [],
    damage: null,
    freedAddress: null,
    grounds: [ground],
    suspects: [{ module: image, rule: 'holds-request', because }],
  };
}

/** The driver at whose place in the stack of devices a request is. */
function holderOf({ system }: Scene, address: Va): Holder | undefined {
  const irp = orNothing(() => readIrp(system, address));
  const device = irp === undefined ? undefined : currentDevice(irp);
  const image = device === undefined ? undefined : driverOfDevice(system, device);
  if (device === undefined || image === undefined) return undefined;
  const claim = `The request at ${system.shortText(address)} is at the device ${system.shortText(device)}, which is one of ${image}.`;
  const command = `!irp ${system.shortText(address)}; ${showDriver(system, device)}`;
  return { image, ground: { rule: 'other-cause', claim, command } };
}

function currentDevice({ currentLocation, stackCount, locations }: Irp): Va | undefined {
  if (currentLocation === undefined || stackCount === undefined || currentLocation > stackCount)
    return undefined;
  const device = locations[currentLocation - 1]?.device;
  return device === 0n ? undefined : device;
}

function ownerOfDevice(scene: Scene): Holder | undefined {
  const { system } = scene;
  const [subcode] = system.target.dump.header.bugCheckParameters;
  const device = namesDevice.has(subcode) ? parameterWith(scene, 'device-object') : undefined;
  const image = device === undefined ? undefined : driverOfDevice(system, device);
  if (device === undefined || image === undefined) return undefined;
  const claim = `The bug check names the device ${system.shortText(device)}, which is one of ${image}.`;
  return {
    image,
    ground: { rule: 'other-cause', claim, command: `.bugcheck; ${showDriver(system, device)}` },
  };
}

const driverObjectOf = (system: CrashedSystem, device: Va): Va | undefined =>
  orNothing(() => readDeviceObject(system, device).driver);

const startOf = (system: CrashedSystem, device: Va): Va | undefined => {
  const driver = driverObjectOf(system, device);
  return driver === undefined ? undefined : orNothing(() => readDriverObject(system, driver).start);
};

/** The file of the driver that made a device; nothing for the kernel's own. */
function driverOfDevice(system: CrashedSystem, device: Va): string | undefined {
  const start = startOf(system, device);
  return start === undefined ? undefined : driverAt(system, start);
}

const showDriver = (system: CrashedSystem, device: Va): string =>
  `!devobj ${system.shortText(device)}; lm a ${system.shortText(startOf(system, device) ?? 0n)}`;

/** What is damaged or not in the dump tells nothing. */
function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DebuggerError) return undefined;
    throw error;
  }
}
