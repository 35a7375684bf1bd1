import { type Command, usageError } from './command.ts';
import type { DisplayRange } from './display-range.ts';

/** Refuses options of a display that make no sense for this one. */
export function requireVirtual(command: Command, { physical, columns }: DisplayRange): void {
  if (physical)
    throw usageError(command, 'this display reads virtual memory; db /p and its kin read physical memory');
  if (columns !== undefined && columns !== 1)
    throw usageError(command, 'this display has one value in a row');
}
