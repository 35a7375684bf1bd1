import { DebuggerError, type Va } from '../../base/index.ts';
import { directoryStructures } from './object-directory.ts';
import { headerStructures, type ObjectHeader, readObjectHeader } from './object-header.ts';
import { addressTextOf, type ObjectKernel, unreadable } from './object-kernel.ts';
import { objectPath } from './object-path.ts';
import { type ObjectType, objectTypes, typeOf, typeStructures } from './object-types.ts';
import { readSymbolicLink, type SymbolicLink } from './symbolic-link.ts';

/** An object as the object manager sees it. */
export interface KernelObject extends ObjectHeader {
  /** Undefined: it cannot be told here. */
  readonly type: ObjectType | undefined;
  /** How the types in headers are known, as half a sentence. */
  readonly typeFrom: string | undefined;
  /** Its whole name; undefined when it has none, or a part of it is not in the dump. */
  readonly path: string | undefined;
  /** Of symbolic links. */
  readonly link: SymbolicLink | undefined;
}

/** The structures that it is read from. */
export const objectStructures = [...headerStructures, ...typeStructures, ...directoryStructures] as const;

/**
 * Reads the header of an object, and what its type says. Throws TYPES_UNKNOWN, MEMORY_UNREADABLE, or NO_SUCH_RECORD where
 * the header names a type that does not exist.
 */
export function readObject(kernel: ObjectKernel, address: Va): KernelObject {
  const header = readObjectHeader(kernel, address);
  if (header.typeIndex === undefined) throw unreadable(kernel, 'object header', header.address);
  const type = typeOf(kernel, header);
  if (type === 'none') throw noObject(kernel, address);
  return {
    ...header,
    type,
    typeFrom: objectTypes(kernel).code?.from,
    path: objectPath(kernel, address),
    link: type?.name === 'SymbolicLink' ? readSymbolicLink(kernel, address) : undefined,
  };
}

const noObject = (kernel: ObjectKernel, address: Va): DebuggerError =>
  new DebuggerError(
    'NO_SUCH_RECORD',
    `there is no object at ${addressTextOf(kernel, address)}: the header in front of it names no type of this kernel`,
  );
