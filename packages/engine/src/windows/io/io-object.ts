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

/** What an object of the I/O manager calls itself by its first number. */
export const ioTypeName = (type: number): string | undefined => names[type];

/**
 * An object of the I/O manager, which says itself what it is. Throws TYPES_UNKNOWN, MEMORY_UNREADABLE, or NO_SUCH_RECORD
 * where it says that it is something else.
 */
export function ioObjectAt(kernel: ObjectKernel, structure: string, type: number, address: Va): Structure {
  const object = kernel.structures.at(structure, address);
  const found = object.number('Type');
  const what = names[type]!;
  if (found === undefined) throw unreadable(kernel, what, address);
  if (found === type) return object;
  const other = names[found];
  const says = other === undefined ? `its type would be ${found}, not ${type}` : `it says that it is a ${other}`;
  throw new DebuggerError(
    'NO_SUCH_RECORD',
    `there is no ${what} at ${addressTextOf(kernel, address)}: ${says}`,
  );
}
