import { DebuggerError } from '../base/index.ts';
import {
  type DeviceObject,
  type DriverObject,
  describeChainEnd,
  driverStructures,
  majorFunctionNames,
  readDeviceObject,
  readDriverObject,
} from '../windows/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, type CommandRun, tick, usageError } from './command.ts';
import type { Console } from './console.ts';
import {
  doubtLines,
  layoutLines,
  missingLines,
  pointerSpan,
  pointerText,
  routineText,
  takeObject,
} from './object-text.ts';
import { type Line, span } from './output.ts';
import { deviceLines } from './show-device.ts';

/** Bits of the flags. */
const withDevices = 1;
const withRoutines = 2;
const withDetails = 4;

export const showDriver: Command = {
  names: ['!drvobj'],
  usage: 'DRIVER [FLAGS]',
  summary: 'show a driver object: its devices and routines',
  group: 'objects',
  details: [
    'DRIVER is an address, a name in \\Driver or \\FileSystem, or a path.',
    'FLAGS: 1 devices (the default), 2 entry points and dispatch routines, 4 details of the devices (with 1).',
  ],
  examples: ['!drvobj storfilt', '!drvobj storfilt 2', '!drvobj \\FileSystem\\Ntfs 7'],
  *run(console, args): CommandRun {
    if (args === '') throw usageError(showDriver, 'the driver is missing');
    const { address, rest } = takeObject(console, args, ['\\Driver', '\\FileSystem']);
    if (!/^[0-7]?$/.test(rest)) throw usageError(showDriver, `'${rest.slice(0, 40)}' are no flags`);
    return yield* driverResult(console, address, rest === '' ? withDevices : Number(rest));
  },
};

function* driverResult(console: Console, address: bigint, flags: number): CommandRun {
  const { system } = console;
  const driver = readDriverObject(system, address);
  const isDetailed = (flags & withDevices) !== 0 && (flags & withDetails) !== 0;
  const details: (DeviceObject | DebuggerError)[] = [];
  for (const [index, at] of (isDetailed ? driver.devices.items : []).entries()) {
    details.push(deviceOrError(console, at));
    if (index % devicesPerTick === devicesPerTick - 1) yield tick;
  }
  const lines = [
    ...headLines(console, driver),
    ...((flags & withDevices) === 0 ? [] : extensionAndDevices(console, driver)),
    ...((flags & withRoutines) === 0 ? [] : routineLines(console, driver)),
    ...details.flatMap((device): Line[] => [[''], ...detailLines(console, device)]),
    ...missingLines(driver.missing),
    ...layoutLines(system, driverStructures),
  ];
  return { data: driver, lines, call: `engine.readDriverObject(session.system, ${bigHex(address)})` };
}

const devicesPerTick = 32;

function deviceOrError({ system }: Console, at: bigint): DeviceObject | DebuggerError {
  try {
    return readDeviceObject(system, at);
  } catch (error) {
    if (error instanceof DebuggerError) return error;
    throw error;
  }
}

const detailLines = (console: Console, device: DeviceObject | DebuggerError): Line[] =>
  device instanceof DebuggerError ? [[span(`${device.message}.`, 'warning')]] : deviceLines(console, device);

function headLines({ system }: Console, driver: DriverObject): Line[] {
  const lines: Line[] = [
    ['Driver object (', span(system.plainText(driver.address), 'address'), ') is for:'],
    [` ${driver.name ?? '????'}`, imageHint(system, driver)],
    ...doubtLines(system, 'driver object', 'image', driver.start),
  ];
  if (driver.size !== undefined && driver.expectedSize !== undefined) {
    const sizes = `it says that it has 0x${driver.size.toString(16)} bytes, not 0x${driver.expectedSize.toString(16)}`;
    lines.push([span(`This may be no driver object, or damaged: ${sizes}.`, 'warning')]);
  }
  return lines;
}

/** Whose driver it is, where its name cannot be read. */
function imageHint({ modules }: Console['system'], { name, start }: DriverObject) {
  const module = name === undefined ? modules.find(({ base }) => base === start) : undefined;
  return module === undefined ? '' : span(`  its image is ${module.image}`, 'dim');
}

const perRow = 2;

function extensionAndDevices({ system }: Console, { clientExtensions, devices }: DriverObject): Line[] {
  const lines: Line[] = [
    [''],
    ['Driver Extension List: (id , addr)'],
    ...clientExtensions.map(
      ({ id, address }): Line => [`(${pointerText(system, id)} ${pointerText(system, address)})  `],
    ),
    ['Device Object list:'],
  ];
  for (let at = 0; at < devices.items.length; at += perRow)
    lines.push(
      devices.items
        .slice(at, at + perRow)
        .flatMap((device) => [pointerSpan(system, device, '!devobj'), '  ']),
    );
  const problem = describeChainEnd(devices);
  if (problem !== undefined)
    lines.push([span(`The list of devices is not complete: ${problem}.`, 'warning')]);
  return lines;
}

function routineLines({ system }: Console, driver: DriverObject): Line[] {
  const row = (label: string, value: bigint | undefined): Line => [
    label,
    pointerSpan(system, value, 'u'),
    '\t',
    span(routineText(system, value), 'symbol'),
  ];
  return [
    [''],
    row('DriverEntry:   ', driver.entry),
    row('DriverStartIo: ', driver.startIo),
    row('DriverUnload:  ', driver.unload),
    row('AddDevice:     ', driver.addDevice),
    [''],
    ['Dispatch routines:'],
    ...driver.majorFunctions.map((address, index) => {
      const name = majorFunctionNames[index] ?? '????';
      return row(`[${index.toString(16).padStart(2, '0')}] ${name.padEnd(35)}`, address);
    }),
    ...(driver.fastIoRoutines.length === 0 ? [] : [[''], ['Fast I/O routines:']]),
    ...driver.fastIoRoutines.map(({ name, address }) => row(name.padEnd(40), address)),
  ];
}
