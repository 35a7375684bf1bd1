import type { Va } from '../../base/index.ts';
import { MemberReader } from '../member-reader.ts';
import type { ObjectKernel } from '../objects/index.ts';
import { ioObjectAt, ioTypes } from './io-object.ts';
import { followChain, type PointerChain } from './pointer-chain.ts';

/** What a driver attached to its own driver object, under an address that only it knows. */
export interface DriverClientExtension {
  readonly id: Va | undefined;
  /** What the driver got: it lies behind the two pointers. */
  readonly address: Va;
}

/** A DRIVER_OBJECT. Undefined: its bytes are not in the dump, or where the build keeps it is not known. */
export interface DriverObject {
  readonly address: Va;
  readonly size: number | undefined;
  /** What its size should be, where it has another one. */
  readonly expectedSize: number | undefined;
  readonly name: string | undefined;
  readonly start: Va | undefined;
  /** Bytes of its image. */
  readonly imageSize: number | undefined;
  readonly flags: number | undefined;
  readonly serviceName: string | undefined;
  readonly extension: Va | undefined;
  readonly clientExtensions: readonly DriverClientExtension[];
  readonly entry: Va | undefined;
  readonly startIo: Va | undefined;
  readonly unload: Va | undefined;
  readonly addDevice: Va | undefined;
  readonly fastIo: Va | undefined;
  /** Those that are set, by Microsoft's names. */
  readonly fastIoRoutines: readonly { readonly name: string; readonly address: Va }[];
  /** Routines by IRP_MJ_XXX. */
  readonly majorFunctions: readonly (Va | undefined)[];
  readonly devices: PointerChain;
  /** Names of those above whose bytes are not in the dump. */
  readonly missing: readonly string[];
}

/** The structures that it is read from. */
export const driverStructures = ['_DRIVER_OBJECT', '_DRIVER_EXTENSION', '_DEVICE_OBJECT'] as const;

const maxDevices = 0x1000;
const maxExtensions = 0x100;

/** Reads a driver object. Throws TYPES_UNKNOWN, MEMORY_UNREADABLE or NO_SUCH_RECORD. */
export function readDriverObject(kernel: ObjectKernel, address: Va): DriverObject {
  const object = ioObjectAt(kernel, '_DRIVER_OBJECT', ioTypes.driver, address);
  const read = new MemberReader(object);
  const size = read.number('size', 'Size');
  const extension = read.pointer('extension', 'DriverExtension');
  return {
    address,
    size,
    expectedSize: size === object.type.size ? undefined : object.type.size,
    name: object.unicodeString('DriverName'),
    start: read.pointer('start', 'DriverStart'),
    imageSize: read.number('imageSize', 'DriverSize'),
    flags: read.number('flags', 'Flags'),
    extension,
    ...readExtension(kernel, extension),
    entry: read.pointer('entry', 'DriverInit'),
    startIo: read.pointer('startIo', 'DriverStartIo'),
    unload: read.pointer('unload', 'DriverUnload'),
    ...readFastIo(kernel, read.pointer('fastIo', 'FastIoDispatch')),
    majorFunctions: readMajorFunctions(read),
    devices: devicesFrom(kernel, read.pointer('devices', 'DeviceObject')),
    missing: read.missing,
  };
}

/** FAST_IO_DISPATCH says itself how many bytes of it the driver knows. */
function readFastIo(
  { structures }: ObjectKernel,
  fastIo: Va | undefined,
): Pick<DriverObject, 'fastIo' | 'fastIoRoutines'> {
  const type = structures.find('_FAST_IO_DISPATCH');
  if (fastIo === undefined || fastIo === 0n || type === undefined) return { fastIo, fastIoRoutines: [] };
  const table = structures.at('_FAST_IO_DISPATCH', fastIo);
  const size = table.number('SizeOfFastIoDispatch') ?? 0;
  const fastIoRoutines = type.members
    .filter(({ kind, offset }) => kind === 'pointer' && offset + type.pointerSize <= size)
    .flatMap(({ path: name }) => {
      const address = table.pointer(name);
      return address === undefined || address === 0n ? [] : [{ name, address }];
    });
  return { fastIo, fastIoRoutines };
}

function readMajorFunctions(read: MemberReader): (Va | undefined)[] {
  const count = read.structure.type.member('MajorFunction')?.count ?? 0;
  return Array.from({ length: count }, (_, index) =>
    read.pointer('majorFunctions', `MajorFunction[${index}]`),
  );
}

function devicesFrom({ structures }: ObjectKernel, first: Va | undefined): PointerChain {
  if (structures.offset('_DEVICE_OBJECT', 'NextDevice') === undefined) return { items: [], end: 'missing' };
  const next = (device: Va) => structures.at('_DEVICE_OBJECT', device).pointer('NextDevice');
  return followChain(first, next, maxDevices);
}

type Extension = Pick<DriverObject, 'addDevice' | 'serviceName' | 'clientExtensions'>;

function readExtension({ structures, target }: ObjectKernel, extension: Va | undefined): Extension {
  const nothing: Extension = { addDevice: undefined, serviceName: undefined, clientExtensions: [] };
  if (extension === undefined || extension === 0n || structures.find('_DRIVER_EXTENSION') === undefined)
    return nothing;
  const at = structures.at('_DRIVER_EXTENSION', extension);
  const clientOf = (client: Va) => structures.at('_IO_CLIENT_EXTENSION', client);
  const first =
    structures.find('_IO_CLIENT_EXTENSION') === undefined ? 0n : at.pointer('ClientDriverExtension');
  const clients = followChain(first, (client) => clientOf(client).pointer('NextExtension'), maxExtensions);
  return {
    addDevice: at.pointer('AddDevice'),
    serviceName: at.unicodeString('ServiceKeyName'),
    clientExtensions: clients.items.map((client) => ({
      id: clientOf(client).pointer('ClientIdentificationAddress'),
      address: client + BigInt(2 * target.pointerSize),
    })),
  };
}

/** The name of a driver, for lines about its devices; undefined when it cannot be read. */
export function driverName({ structures }: ObjectKernel, driver: Va | undefined): string | undefined {
  if (driver === undefined || driver === 0n || structures.find('_DRIVER_OBJECT') === undefined)
    return undefined;
  const object = structures.at('_DRIVER_OBJECT', driver);
  return object.number('Type') === ioTypes.driver ? object.unicodeString('DriverName') : undefined;
}
