import { DebuggerError, type Va } from '../../base/index.ts';
import type { Structure } from '../../types/index.ts';
import { addressTextOf, type ObjectKernel, unreadable } from '../objects/index.ts';

/** The number that an object of the I/O manager begins with. Source: wdm.h, IO_TYPE_XXX. */
export const ioTypes = { device: 3, driver: 4, file: 5, irp: 6 } as const;

const names: Readonly<Record<number, string>> = {
  1: 'adapter',
  2: 'controller',
  3: 'device object',
  4: 'driver object',
  5: 'file object',
  6: 'IRP',
  7: 'master adapter',
  8: 'open packet',
  9: 'timer',
  10: 'volume parameter block',
  11: 'error log',
  12: 'error message',
  13: 'device object extension',
};

/**
 * An object of the I/O manager, which says itself what it is and how many bytes it has: processes, threads and other
 * objects that begin with such a number are too small then. Throws TYPES_UNKNOWN, MEMORY_UNREADABLE, or NO_SUCH_RECORD
 * where it says that it is something else.
 */
export function ioObjectAt(kernel: ObjectKernel, structure: string, type: number, address: Va): Structure {
  const object = kernel.structures.at(structure, address);
  const found = object.number('Type');
  const what = names[type]!;
  if (found === undefined) throw unreadable(kernel, what, address);
  const says = found === type ? sizeProblem(object) : typeProblem(found, type);
  if (says === undefined) return object;
  throw new DebuggerError(
    'NO_SUCH_RECORD',
    `there is no ${what} at ${addressTextOf(kernel, address)}: ${says}`,
  );
}

const typeProblem = (found: number, type: number): string =>
  names[found] === undefined
    ? `its type would be ${found}, not ${type}`
    : `its first number is that of ${/^[aeiouI]/.test(names[found]) ? 'an' : 'a'} ${names[found]}`;

function sizeProblem(object: Structure): string | undefined {
  const size = object.number('Size');
  if (size === undefined || (size & 0xffff) >= object.type.size) return undefined;
  return `it would have 0x${(size & 0xffff).toString(16)} bytes, and needs 0x${object.type.size.toString(16)}`;
}
