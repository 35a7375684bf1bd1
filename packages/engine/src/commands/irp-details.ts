import type { Irp } from '../windows/index.ts';
import type { Console } from './console.ts';
import { hexText, pointerText, routineText } from './object-text.ts';
import type { Line } from './output.ts';

/** The rest of an IRP, one member a line, under the names of its structure. */
export function irpDetails({ system }: Console, irp: Irp): Line[] {
  const pointer = (value: bigint | undefined): string => pointerText(system, value);
  const bit = (value: boolean | undefined): string => (value === undefined ? '??' : value ? '01' : '00');
  const routine = routineText(system, irp.cancelRoutine);
  const rows: readonly (readonly [name: string, value: string])[] = [
    ['Flags', hexText(irp.flags, 8)],
    ['ThreadListEntry.Flink', pointer(irp.threadList.flink)],
    ['ThreadListEntry.Blink', pointer(irp.threadList.blink)],
    ['IoStatus.Status', hexText(irp.status, 8)],
    ['IoStatus.Information', hexText(irp.information, 8)],
    ['RequestorMode', hexText(irp.requestorMode, 8)],
    ['Cancel', bit(irp.cancel)],
    ['CancelIrql', hexText(irp.cancelIrql, 1)],
    ['ApcEnvironment', hexText(irp.apcEnvironment, 2)],
    ['AllocationFlags', hexText(irp.allocationFlags, 2)],
    ['UserIosb', pointer(irp.userIosb)],
    ['UserEvent', pointer(irp.userEvent)],
    ['CancelRoutine', `${pointer(irp.cancelRoutine)}${routine === '' ? '' : `\t${routine}`}`],
    ['UserBuffer', pointer(irp.userBuffer)],
    ['Tail.Overlay.Thread', pointer(irp.thread)],
    ['Tail.Overlay.AuxiliaryBuffer', pointer(irp.auxiliaryBuffer)],
    ['Tail.Overlay.CurrentStackLocation', pointer(irp.currentStackLocation)],
    ['Tail.Overlay.OriginalFileObject', pointer(irp.originalFile)],
  ];
  return [[''], ...rows.map(([name, value]): Line => [`${name} = ${value}`])];
}
