import {
  type Irp,
  type IrpStackLocation,
  irpStructures,
  majorFunctionNames,
  minorFunctionName,
  readIrp,
  stackControl,
} from '../windows/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { takeExpression } from './evaluate-in.ts';
import { irpDetails } from './irp-details.ts';
import {
  countText,
  layoutLines,
  missingLines,
  pointerSpan,
  pointerText,
  routineText,
} from './object-text.ts';
import { type Line, span } from './output.ts';

export const showIrp: Command = {
  names: ['!irp'],
  usage: 'ADDR [1]',
  summary: 'show an I/O request packet and its stack; with 1 all of it',
  group: 'objects',
  details: [
    'The stack is listed from the lowest driver to the highest. > marks the location of the driver that has the request.',
    'Success, Error and Cancel say when the completion routine of a location is called, pending that the driver kept it.',
  ],
  examples: ['!irp @rdx', '!irp fffffa80`02c3a010 1'],
  run(console, args) {
    if (args === '') throw usageError(showIrp, 'an address is missing');
    const { value: address, rest } = takeExpression(console, args);
    if (!/^[\da-f]{0,8}$/i.test(rest))
      throw usageError(showIrp, `'${rest.slice(0, 40)}' is no level of detail`);
    const data = readIrp(console.system, address);
    const lines = [
      ...headLines(console, data),
      ...data.locations.flatMap((location, index) => locationLines(console, data, location, index)),
      ...(rest === '' ? [] : irpDetails(console, data)),
      ...missingLines(data.missing),
      ...layoutLines(console.system, irpStructures),
    ];
    return { data, lines, call: `engine.readIrp(session.system, ${bigHex(address)})` };
  },
};

function headLines({ system }: Console, irp: Irp): Line[] {
  const { stackCount, currentLocation } = irp;
  const lines: Line[] = [
    [
      `Irp is active with ${countText(stackCount)} stacks ${countText(currentLocation)} is current (= 0x`,
      span(pointerText(system, irp.currentStackLocation), 'address'),
      ')',
    ],
    [
      ...partOf(system, 'Mdl', irp.mdl, '!mdl'),
      ...partOf(system, 'System Buffer', irp.systemBuffer, 'db'),
      ' Thread ',
      pointerSpan(system, irp.thread, '!thread'),
      `:  Irp stack trace.${irp.pendingReturned === true ? '  Pending has been returned' : ''}`,
    ],
    ...doubtLines(irp),
    [span('     cmd  flg cl Device   File     Completion-Context', 'heading')],
  ];
  return lines;
}

function partOf(system: Console['system'], name: string, value: bigint | undefined, command: string): Line {
  if (value === 0n) return [` No ${name}:`];
  return [` ${name}=`, pointerSpan(system, value, command), ':'];
}

/** What the numbers of a request say that is not on its way. */
function doubtLines({ address, stackCount, currentLocation, size, locations }: Irp): Line[] {
  if (stackCount === undefined || currentLocation === undefined) return [];
  const warn = (text: string): Line[] => [[span(text, 'warning')]];
  if (stackCount < 0)
    return warn('This may be no IRP, or damaged: its number of stack locations is negative.');
  if (currentLocation < 0 || currentLocation > stackCount + 1)
    return warn('This may be no IRP, or it was freed: its current location is not one of its own.');
  const last = locations.at(-1)?.address ?? address;
  if (size !== undefined && last - address >= BigInt(size))
    return warn('This may be no IRP, or damaged: its stack does not fit its size.');
  return currentLocation === stackCount + 1
    ? [[span('No driver has it: it was not sent yet, or all of them are done with it.', 'dim')]]
    : [];
}

function locationLines(console: Console, irp: Irp, location: IrpStackLocation, index: number): Line[] {
  const { system } = console;
  const { major, minor, flags, control, device, file, completionRoutine, context } = location;
  const isCurrent = index + 1 === irp.currentLocation;
  const routine = routineText(system, completionRoutine);
  return [
    [isCurrent ? span('>', 'good') : ' ', `[${majorText(major)}, ${minorText(major, minor)}]`],
    [
      `            ${shortHex(flags).padStart(1)} ${shortHex(control).padStart(2)} `,
      pointerSpan(system, device, '!devobj'),
      ' ',
      pointerSpan(system, file, '!fileobj'),
      ` ${pointerText(system, completionRoutine)}-${pointerText(system, context)} `,
      conditions(control),
    ],
    ...(device === 0n || device === undefined
      ? []
      : [
          [
            `           ${location.driverName ?? '????'}`,
            routine === '' ? '' : span(`\t${routine}`, 'symbol'),
          ],
        ]),
    [`            Args: ${location.arguments.map((value) => pointerText(system, value)).join(' ')}`],
  ];
}

const shortHex = (value: number | undefined): string => value?.toString(16) ?? '?';

const majorText = (major: number | undefined): string =>
  major === undefined ? '????' : `${majorFunctionNames[major] ?? 'N/A'}(${major.toString(16)})`;

function minorText(major: number | undefined, minor: number | undefined): string {
  if (major === undefined || minor === undefined) return '????';
  return `${minorFunctionName(major, minor) ?? 'N/A'}(${minor.toString(16)})`;
}

/** When the completion routine is called, and whether the driver kept the request. */
function conditions(control: number | undefined): string {
  if (control === undefined) return '';
  const words: readonly (readonly [bit: number, word: string])[] = [
    [stackControl.onSuccess, 'Success'],
    [stackControl.onError, 'Error'],
    [stackControl.onCancel, 'Cancel'],
    [stackControl.pendingReturned, 'pending'],
  ];
  return words.flatMap(([bit, word]) => ((control & bit) === 0 ? [] : [word])).join(' ');
}
