import { type DeviceStack, deviceStructures, readDeviceStack } from '../windows/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { layoutLines, pointerSpan, pointerText, takeObject } from './object-text.ts';
import { type Line, span } from './output.ts';

export const showDeviceStack: Command = {
  names: ['!devstack'],
  usage: 'DEVICE',
  summary: 'show the stack of devices that a device is part of, the upper ones first',
  group: 'objects',
  details: ['DEVICE is an address, a name in \\Device, or a path. > marks it in the list.'],
  examples: ['!devstack \\Device\\HarddiskVolume1'],
  run(console, args) {
    if (args === '') throw usageError(showDeviceStack, 'the device is missing');
    const { address, rest } = takeObject(console, args, ['\\Device']);
    if (rest !== '') throw usageError(showDeviceStack, 'there is more than one argument');
    const data = readDeviceStack(console.system, address);
    const lines = [...render(console, data), ...layoutLines(console.system, deviceStructures)];
    return { data, lines, call: `engine.readDeviceStack(session.system, ${bigHex(address)})` };
  },
};

function render({ system }: Console, { devices, asked, node, problems }: DeviceStack): Line[] {
  const width = system.target.pointerSize * 2 + 2;
  const heading = `  ${'!DevObj'.padEnd(width)}${'!DrvObj'.padEnd(19)}${'!DevExt'.padEnd(width)}ObjectName`;
  const rows = devices.map(
    (device, index): Line => [
      index === asked ? '> ' : '  ',
      pointerSpan(system, device.address, '!devobj'),
      `  ${(device.driverName ?? '????').padEnd(19)}`,
      `${pointerText(system, device.deviceExtension).padEnd(width)}${device.name ?? '????'}`,
    ],
  );
  return [
    [span(heading, 'heading')],
    ...rows,
    ...(node === undefined
      ? []
      : [
          [`!DevNode ${system.plainText(node.address)} :`],
          [`  DeviceInst is "${node.instancePath ?? '????'}"`],
          [`  ServiceName is "${node.serviceName ?? '????'}"`],
        ]),
    ...problems.map((problem): Line => [span(problem, 'warning')]),
  ];
}
