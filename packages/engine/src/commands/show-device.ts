import {
  characteristicNames,
  type DeviceObject,
  deviceStructures,
  driverName,
  extensionFlagNames,
  flagNames,
  readDeviceObject,
} from '../windows/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import {
  countText,
  doubtLines,
  hexText,
  layoutLines,
  missingLines,
  pointerSpan,
  pointerText,
  takeObject,
} from './object-text.ts';
import { type Line, span } from './output.ts';

export const showDevice: Command = {
  names: ['!devobj'],
  usage: 'DEVICE',
  summary: 'show a device object',
  group: 'objects',
  details: ['DEVICE is an address, a name in \\Device, or a path.'],
  examples: ['!devobj \\Device\\HarddiskVolume1', '!devobj @rcx'],
  run(console, args) {
    if (args === '') throw usageError(showDevice, 'the device is missing');
    const { address, rest } = takeObject(console, args, ['\\Device']);
    if (rest !== '') throw usageError(showDevice, 'there is more than one argument');
    const data = readDeviceObject(console.system, address);
    const lines = [
      ...deviceLines(console, data),
      ...missingLines(data.missing),
      ...layoutLines(console.system, deviceStructures),
    ];
    return { data, lines, call: `engine.readDeviceObject(session.system, ${bigHex(address)})` };
  },
};

/** A device object in the debugger's layout. */
export function deviceLines(console: Console, device: DeviceObject): Line[] {
  const { system } = console;
  const name = device.name === undefined ? '????' : device.name;
  return [
    ['Device object (', span(system.plainText(device.address), 'address'), ') is for:'],
    [
      ` ${name === '' ? '' : `${name} `}${device.driverName ?? '????'} DriverObject `,
      pointerSpan(system, device.driver, '!drvobj'),
    ],
    [
      'Current Irp ',
      pointerSpan(system, device.currentIrp, '!irp'),
      ` RefCount ${countText(device.referenceCount)} Type ${hexText(device.deviceType, 8)}`,
      ` Flags ${hexText(device.flags, 8)}`,
    ],
    ...doubtLines(system, 'device object', 'pointer to the driver', device.driver),
    extensionLine(console, device),
    namedFlags('ExtensionFlags', device.extensionFlags, extensionFlagNames),
    namedFlags('Characteristics', device.characteristics, characteristicNames),
    ...neighbourLine(console, 'AttachedDevice (Upper)', device.attachedDevice),
    ...neighbourLine(console, 'AttachedTo (Lower)', device.attachedTo),
    ...queueLines(console, device),
  ].filter((line) => line.length > 0);
}

function extensionLine({ system }: Console, device: DeviceObject): Line {
  const parts: readonly (readonly [string, bigint | undefined])[] = [
    ['Vpb', device.vpb],
    ['SecurityDescriptor', device.securityDescriptor],
    ['DevExt', device.deviceExtension],
    ['DevObjExt', device.deviceObjectExtension],
    ['DevNode', device.deviceNode],
  ];
  const isShown = ([name, value]: readonly [string, bigint | undefined]): boolean =>
    name.startsWith('DevE') || name === 'DevObjExt' || (value !== undefined && value !== 0n);
  return [
    parts
      .filter(isShown)
      .map(([name, value]) => `${name} ${pointerText(system, value)} `)
      .join(''),
  ];
}

/** Flags as a number and by the names that are known; nothing where this build keeps them in an unknown place. */
function namedFlags(label: string, value: number | undefined, names: Parameters<typeof flagNames>[0]): Line {
  if (value === undefined) return [];
  return [`${label} (0x${hexText(value, 8)})  ${flagNames(names, value).join(', ')}`];
}

function neighbourLine({ system }: Console, label: string, device: bigint | undefined): Line[] {
  if (device === undefined || device === 0n) return [];
  const driver = system.structures.find('_DEVICE_OBJECT') === undefined ? undefined : nameAt(system, device);
  return [[`${label} `, pointerSpan(system, device, '!devobj'), ` ${driver ?? '????'}`]];
}

const nameAt = (system: Console['system'], device: bigint): string | undefined =>
  driverName(system, system.structures.at('_DEVICE_OBJECT', device).pointer('DriverObject'));

function queueLines({ system }: Console, { queue }: DeviceObject): Line[] {
  if (queue.busy === undefined) return [[span('Whether the device queue is busy is not known.', 'dim')]];
  if (!queue.busy) return [['Device queue is not busy.']];
  const lines: Line[] = [
    [`Device queue is busy -- ${queue.irps.length === 0 ? 'Queue empty.' : 'Queue follows:'}`],
    ...queue.irps.map((irp): Line => ['  IRP ', pointerSpan(system, irp, '!irp')]),
  ];
  if (queue.problem !== undefined)
    lines.push([span(`The queue is not complete: ${queue.problem}.`, 'warning')]);
  return lines;
}
