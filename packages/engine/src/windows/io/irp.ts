import { type Va, wrap64 } from '../../base/index.ts';
import type { Structure } from '../../types/index.ts';
import { MemberReader } from '../member-reader.ts';
import type { ObjectKernel } from '../objects/index.ts';
import { deviceDriverName } from './file-object.ts';
import { ioObjectAt, ioTypes } from './io-object.ts';

/** What one driver of the stack was asked to do. Undefined: not in the dump. */
export interface IrpStackLocation {
  readonly address: Va;
  readonly major: number | undefined;
  readonly minor: number | undefined;
  readonly flags: number | undefined;
  readonly control: number | undefined;
  readonly arguments: readonly (Va | undefined)[];
  readonly device: Va | undefined;
  readonly driverName: string | undefined;
  readonly file: Va | undefined;
  readonly completionRoutine: Va | undefined;
  readonly context: Va | undefined;
}

/** An IRP. Undefined: its bytes are not in the dump. */
export interface Irp {
  readonly address: Va;
  /** Bytes, its stack locations included. */
  readonly size: number | undefined;
  readonly stackCount: number | undefined;
  /** Counts from 1; beyond `stackCount` no driver has it. */
  readonly currentLocation: number | undefined;
  readonly currentStackLocation: Va | undefined;
  /** From the lowest driver's to the highest one's. */
  readonly locations: readonly IrpStackLocation[];
  readonly flags: number | undefined;
  readonly mdl: Va | undefined;
  readonly systemBuffer: Va | undefined;
  readonly userBuffer: Va | undefined;
  readonly thread: Va | undefined;
  readonly threadList: { readonly flink: Va | undefined; readonly blink: Va | undefined };
  readonly status: number | undefined;
  readonly information: bigint | undefined;
  readonly requestorMode: number | undefined;
  readonly pendingReturned: boolean | undefined;
  readonly cancel: boolean | undefined;
  readonly cancelIrql: number | undefined;
  readonly cancelRoutine: Va | undefined;
  readonly apcEnvironment: number | undefined;
  readonly allocationFlags: number | undefined;
  readonly userIosb: Va | undefined;
  readonly userEvent: Va | undefined;
  readonly auxiliaryBuffer: Va | undefined;
  readonly originalFile: Va | undefined;
  /** Names of those above whose bytes are not in the dump. */
  readonly missing: readonly string[];
}

/** The structures that it is read from. */
export const irpStructures = ['_IRP', '_IO_STACK_LOCATION'] as const;

/** StackCount is a signed byte. */
const maxLocations = 127;

/** Reads an IRP and its stack. Throws TYPES_UNKNOWN, MEMORY_UNREADABLE or NO_SUCH_RECORD. */
export function readIrp(kernel: ObjectKernel, address: Va): Irp {
  const object = ioObjectAt(kernel, '_IRP', ioTypes.irp, address);
  const read = new MemberReader(object);
  const stackCount = read.number('stackCount', 'StackCount');
  return {
    address,
    size: read.number('size', 'Size'),
    stackCount,
    currentLocation: read.number('currentLocation', 'CurrentLocation'),
    currentStackLocation: read.pointer('currentStackLocation', 'Tail.Overlay.CurrentStackLocation'),
    locations: readLocations(kernel, object, stackCount),
    flags: read.number('flags', 'Flags'),
    mdl: read.pointer('mdl', 'MdlAddress'),
    systemBuffer: read.pointer('systemBuffer', 'AssociatedIrp.SystemBuffer'),
    userBuffer: read.pointer('userBuffer', 'UserBuffer'),
    thread: read.pointer('thread', 'Tail.Overlay.Thread'),
    threadList: {
      flink: read.pointer('threadList', 'ThreadListEntry.Flink'),
      blink: read.pointer('threadList', 'ThreadListEntry.Blink'),
    },
    ...readOutcome(read),
    auxiliaryBuffer: read.pointer('auxiliaryBuffer', 'Tail.Overlay.AuxiliaryBuffer'),
    originalFile: read.pointer('originalFile', 'Tail.Overlay.OriginalFileObject'),
    missing: read.missing,
  };
}

/** How it is to end: status, cancelling, and where the caller wants to be told. */
const readOutcome = (read: MemberReader) => ({
  status: read.number('status', 'IoStatus.Status'),
  information: read.bigint('information', 'IoStatus.Information'),
  requestorMode: read.number('requestorMode', 'RequestorMode'),
  pendingReturned: read.flag('pendingReturned', 'PendingReturned'),
  cancel: read.flag('cancel', 'Cancel'),
  cancelIrql: read.number('cancelIrql', 'CancelIrql'),
  cancelRoutine: read.pointer('cancelRoutine', 'CancelRoutine'),
  apcEnvironment: read.number('apcEnvironment', 'ApcEnvironment'),
  allocationFlags: read.number('allocationFlags', 'AllocationFlags'),
  userIosb: read.pointer('userIosb', 'UserIosb'),
  userEvent: read.pointer('userEvent', 'UserEvent'),
});

/** They lie behind the IRP, the lowest driver's first. */
function readLocations(kernel: ObjectKernel, irp: Structure, count = 0): IrpStackLocation[] {
  const type = kernel.structures.find('_IO_STACK_LOCATION');
  if (type === undefined) return [];
  const first = wrap64(irp.at + BigInt(irp.type.size));
  return Array.from({ length: Math.max(0, Math.min(count, maxLocations)) }, (_, index) =>
    readLocation(kernel, wrap64(first + BigInt(index * type.size))),
  );
}

function readLocation(kernel: ObjectKernel, address: Va): IrpStackLocation {
  const location = kernel.structures.at('_IO_STACK_LOCATION', address);
  const device = location.pointer('DeviceObject');
  return {
    address,
    major: location.number('MajorFunction'),
    minor: location.number('MinorFunction'),
    flags: location.number('Flags'),
    control: location.number('Control'),
    arguments: [1, 2, 3, 4].map((index) => location.pointer(`Parameters.Others.Argument${index}`)),
    device,
    driverName: deviceDriverName(kernel, device),
    file: location.pointer('FileObject'),
    completionRoutine: location.pointer('CompletionRoutine'),
    context: location.pointer('Context'),
  };
}
