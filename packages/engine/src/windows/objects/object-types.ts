import type { Va } from '../../base/index.ts';
import { findInDirectory, rootDirectory, walkDirectory } from './object-directory.ts';
import { type ObjectHeader, readObjectHeader } from './object-header.ts';
import type { ObjectKernel } from './object-kernel.ts';
import { solveTypeIndex, type TypeIndexCode, type Witness } from './type-index.ts';

/** A type of objects. */
export interface ObjectType {
  readonly address: Va;
  readonly name: string;
  readonly index: number;
}

/** Types of objects, and how headers name them. */
export interface ObjectTypes {
  readonly byIndex: ReadonlyMap<number, ObjectType>;
  /** Undefined: not enough objects of known types are in the dump to tell. */
  readonly code: TypeIndexCode | undefined;
}

/** The structures that they are read from. */
export const typeStructures = ['_OBJECT_TYPE'] as const;

/** Exported variables of nt that point to types. Source: export tables of ntoskrnl.exe; the names are in the public headers. */
const exported = [
  ...['PsProcessType', 'PsThreadType', 'PsJobType', 'IoFileObjectType', 'IoDriverObjectType'],
  ...['IoDeviceObjectType', 'IoAdapterObjectType', 'IoCompletionObjectType', 'ExEventObjectType'],
  ...['ExSemaphoreObjectType', 'ExDesktopObjectType', 'ExWindowStationObjectType', 'SeTokenObjectType'],
  ...['MmSectionObjectType', 'CmKeyObjectType', 'LpcPortObjectType', 'DbgkDebugObjectType'],
];

const known = new WeakMap<object, ObjectTypes>();

/** The types of this kernel: those of `\ObjectTypes`, and those that nt exports. Read once. Throws TYPES_UNKNOWN. */
export function objectTypes(kernel: ObjectKernel): ObjectTypes {
  let types = known.get(kernel.structures);
  if (types === undefined) known.set(kernel.structures, (types = readTypes(kernel)));
  return types;
}

/** The type that a header names; undefined when that cannot be told, `none` when there is no such type. */
export function typeOf(kernel: ObjectKernel, header: ObjectHeader): ObjectType | 'none' | undefined {
  const { byIndex, code } = objectTypes(kernel);
  if (header.typeIndex === undefined || code === undefined) return undefined;
  return byIndex.get(code.decode(header.typeIndex, header.address)) ?? 'none';
}

function readTypes(kernel: ObjectKernel): ObjectTypes {
  const root = rootDirectory(kernel);
  const directory = root === undefined ? undefined : findInDirectory(kernel, root, 'ObjectTypes').object;
  const addresses = new Set([
    ...typeOfTypes(kernel),
    ...(directory === undefined ? [] : [...walkDirectory(kernel, directory)].map(({ object }) => object)),
    ...exportedTypes(kernel),
  ]);
  const byIndex = new Map<number, ObjectType>();
  for (const address of addresses) {
    const type = readType(kernel, address);
    if (type !== undefined && !byIndex.has(type.index)) byIndex.set(type.index, type);
  }
  const witnesses = findWitnesses(kernel, byIndex, [root, directory]);
  return { byIndex, code: solveTypeIndex(witnesses, headerCookie(kernel)) };
}

function readType({ structures }: ObjectKernel, address: Va): ObjectType | undefined {
  const type = structures.at('_OBJECT_TYPE', address);
  const name = type.unicodeString('Name');
  const index = type.number('Index');
  const isName = name !== undefined && /^[\x20-\x7e]{1,64}$/.test(name);
  return isName && index !== undefined && index > 0 ? { address, name, index } : undefined;
}

/** The type of types. */
function typeOfTypes({ data, target }: ObjectKernel): Va[] {
  const variable = data?.value.address('ObpTypeObjectType');
  const address = variable === undefined ? undefined : target.readPointer(variable);
  return address === undefined || address === 0n ? [] : [address];
}

function exportedTypes({ symbols, target }: ObjectKernel): Va[] {
  return exported.flatMap((name) => {
    const variable = symbols.findAddress(`nt!${name}`);
    const address = variable === undefined ? undefined : target.readPointer(variable);
    return address === undefined || address === 0n ? [] : [address];
  });
}

/** Objects whose type is known without their header: the types themselves, the directories, the thread of the crash. */
function findWitnesses(
  kernel: ObjectKernel,
  byIndex: ReadonlyMap<number, ObjectType>,
  directories: readonly (Va | undefined)[],
): Witness[] {
  const types = [...byIndex.values()];
  const objects: (readonly [name: string, object: Va | undefined])[] = [
    ...types.map(({ address }) => ['Type', address] as const),
    ...directories.map((address) => ['Directory', address] as const),
    ['Thread', kernel.thread?.address],
    ['Process', kernel.process?.address],
  ];
  return objects.flatMap(([name, object]) => {
    const index = types.find((type) => type.name === name)?.index;
    if (object === undefined || index === undefined) return [];
    const { address, typeIndex } = readObjectHeader(kernel, object);
    return typeIndex === undefined ? [] : [{ header: address, stored: typeIndex, index }];
  });
}

/** Where symbols tell it. */
function headerCookie({ symbols, target }: ObjectKernel): number | undefined {
  const variable = symbols.findAddress('nt!ObHeaderCookie');
  return variable === undefined ? undefined : target.readBytes(variable, 1)?.[0];
}
