import type { Va } from '../../base/index.ts';
import { MemberReader } from '../member-reader.ts';
import type { ObjectKernel } from '../objects/index.ts';
import { driverName } from './driver-object.ts';
import { ioObjectAt, ioTypes } from './io-object.ts';

/** A FILE_OBJECT. Undefined: its bytes are not in the dump, or where the build keeps it is not known. */
export interface FileObject {
  readonly address: Va;
  /** Relative to its device, or to the related file; empty: none. */
  readonly name: string | undefined;
  readonly device: Va | undefined;
  readonly driverName: string | undefined;
  readonly vpb: Va | undefined;
  readonly relatedFile: Va | undefined;
  readonly flags: number | undefined;
  readonly finalStatus: number | undefined;
  readonly deletePending: boolean | undefined;
  readonly access: readonly string[];
  readonly fsContext: Va | undefined;
  readonly fsContext2: Va | undefined;
  readonly currentByteOffset: bigint | undefined;
  readonly sectionObjectPointer: Va | undefined;
  readonly dataSection: Va | undefined;
  readonly sharedCacheMap: Va | undefined;
  readonly imageSection: Va | undefined;
  readonly privateCacheMap: Va | undefined;
  readonly completionContext: Va | undefined;
  /** Names of those above whose bytes are not in the dump. */
  readonly missing: readonly string[];
}

/** The structures that it is read from. */
export const fileStructures = ['_FILE_OBJECT'] as const;

const accessNames = [
  ['ReadAccess', 'Read'],
  ['WriteAccess', 'Write'],
  ['DeleteAccess', 'Delete'],
  ['SharedRead', 'SharedRead'],
  ['SharedWrite', 'SharedWrite'],
  ['SharedDelete', 'SharedDelete'],
] as const;

/** Reads a file object. Throws TYPES_UNKNOWN, MEMORY_UNREADABLE or NO_SUCH_RECORD. */
export function readFileObject(kernel: ObjectKernel, address: Va): FileObject {
  const object = ioObjectAt(kernel, '_FILE_OBJECT', ioTypes.file, address);
  const read = new MemberReader(object);
  const device = read.pointer('device', 'DeviceObject');
  const sections = read.pointer('sectionObjectPointer', 'SectionObjectPointer');
  return {
    address,
    name: object.unicodeString('FileName'),
    device,
    driverName: deviceDriverName(kernel, device),
    vpb: read.pointer('vpb', 'Vpb'),
    relatedFile: read.pointer('relatedFile', 'RelatedFileObject'),
    flags: read.number('flags', 'Flags'),
    finalStatus: read.number('finalStatus', 'FinalStatus'),
    deletePending: read.flag('deletePending', 'DeletePending'),
    access: accessNames.flatMap(([member, name]) => (read.flag('access', member) === true ? [name] : [])),
    fsContext: read.pointer('fsContext', 'FsContext'),
    fsContext2: read.pointer('fsContext2', 'FsContext2'),
    currentByteOffset: read.large('currentByteOffset', 'CurrentByteOffset'),
    sectionObjectPointer: sections,
    ...readSections(kernel, sections),
    privateCacheMap: read.pointer('privateCacheMap', 'PrivateCacheMap'),
    completionContext: read.pointer('completionContext', 'CompletionContext'),
    missing: read.missing,
  };
}

/** The driver of a device, by name. */
export function deviceDriverName(kernel: ObjectKernel, device: Va | undefined): string | undefined {
  if (device === undefined || device === 0n || kernel.structures.find('_DEVICE_OBJECT') === undefined)
    return undefined;
  const object = kernel.structures.at('_DEVICE_OBJECT', device);
  return object.number('Type') === ioTypes.device
    ? driverName(kernel, object.pointer('DriverObject'))
    : undefined;
}

/** SECTION_OBJECT_POINTERS is public: three pointers. Source: wdm.h. */
function readSections(
  { target }: ObjectKernel,
  at: Va | undefined,
): Pick<FileObject, 'dataSection' | 'sharedCacheMap' | 'imageSection'> {
  const pointer = (index: number): Va | undefined =>
    at === undefined || at === 0n ? undefined : target.readPointer(at + BigInt(index * target.pointerSize));
  return { dataSection: pointer(0), sharedCacheMap: pointer(1), imageSection: pointer(2) };
}
