import type { Va } from '../base/index.ts';
import type { Kernel } from './kernel.ts';
import { MemberReader } from './member-reader.ts';

/** Handles that a process has open. */
export interface HandleCount {
  readonly count: number;
  /**
   * False: handles of one free list only. From Windows 8 on a table counts in as many lists as the machine has processors,
   * and only the first one's place is certain.
   */
  readonly isWhole: boolean;
}

/** Undefined when the handle table is not in the dump, or its layout is not known. */
export function readHandleCount(kernel: Kernel, table: Va): HandleCount | undefined {
  if (table === 0n) return { count: 0, isWhole: true };
  if (kernel.structures.find('_HANDLE_TABLE') === undefined) return undefined;
  const structure = kernel.structures.at('_HANDLE_TABLE', table);
  const read = new MemberReader(structure);
  const whole = read.number('count', 'HandleCount');
  if (whole !== undefined) return { count: whole, isWhole: true };
  const first = read.number('count', 'FreeLists[0].HandleCount');
  if (first === undefined || first < 0) return undefined;
  // A table in strict order uses its first list only; so does a machine with one processor.
  const isOnlyList = structure.flag('StrictFIFO') === true || kernel.target.dump.header.processors === 1;
  return { count: first, isWhole: isOnlyList };
}
