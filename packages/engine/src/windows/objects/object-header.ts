import { type Va, wrap64 } from '../../base/index.ts';
import { MemberReader } from '../member-reader.ts';
import type { ObjectKernel } from './object-kernel.ts';

/** The header in front of every object, with the name that lies in front of it. Undefined: not in the dump. */
export interface ObjectHeader {
  readonly address: Va;
  /** The object itself. */
  readonly body: Va;
  /** As stored: since Windows 8 it counts references that handles may still take. */
  readonly pointerCount: bigint | undefined;
  readonly handleCount: bigint | undefined;
  /** As stored: Windows 10 and later disguise it. */
  readonly typeIndex: number | undefined;
  readonly infoMask: number | undefined;
  readonly flags: number | undefined;
  /** The directory that holds the name; 0: none. */
  readonly directory: Va | undefined;
  /** Empty: the object has no name. */
  readonly name: string | undefined;
}

/** The structures that it is read from. */
export const headerStructures = ['_OBJECT_HEADER', '_OBJECT_HEADER_NAME_INFO'] as const;

/** Bits of InfoMask: which headers lie in front of the header, the first one nearest to it. Source: PDB types. */
const creatorInfo = 1;
const nameInfo = 2;

/** Longest name of an object that is believed, in characters. */
const longestName = 0x400;

/** Reads the header of the object at `body`. Throws TYPES_UNKNOWN. */
export function readObjectHeader(kernel: ObjectKernel, body: Va): ObjectHeader {
  const { structures } = kernel;
  const offset = structures.offset('_OBJECT_HEADER', 'Body');
  if (offset === undefined) throw structures.unknown('_OBJECT_HEADER', 'Body');
  const address = wrap64(body - BigInt(offset));
  const read = new MemberReader(structures.at('_OBJECT_HEADER', address));
  const infoMask = read.number('infoMask', 'InfoMask');
  return {
    address,
    body,
    pointerCount: read.bigint('pointerCount', 'PointerCount'),
    handleCount: read.bigint('handleCount', 'HandleCount'),
    typeIndex: read.number('typeIndex', 'TypeIndex'),
    infoMask,
    flags: read.number('flags', 'Flags'),
    ...readName(kernel, address, infoMask),
  };
}

function readName(
  { structures }: ObjectKernel,
  header: Va,
  infoMask: number | undefined,
): Pick<ObjectHeader, 'directory' | 'name'> {
  if (infoMask === undefined) return { directory: undefined, name: undefined };
  if ((infoMask & nameInfo) === 0) return { directory: 0n, name: '' };
  const creator = structures.find('_OBJECT_HEADER_CREATOR_INFO');
  const type = structures.find('_OBJECT_HEADER_NAME_INFO');
  const before = (infoMask & creatorInfo) === 0 ? 0 : creator?.size;
  if (type === undefined || before === undefined) return { directory: undefined, name: undefined };
  const info = structures.at('_OBJECT_HEADER_NAME_INFO', wrap64(header - BigInt(before + type.size)));
  const name = info.unicodeString('Name');
  return {
    directory: info.pointer('Directory'),
    name: name === undefined || name.length > longestName ? undefined : name,
  };
}
