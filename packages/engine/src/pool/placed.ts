import type { Va } from '../base/index.ts';
import { type DebuggerData, type ObjectKernel, type Sourced, sourced } from '../windows/index.ts';

/** Something found and how that is known; or why it is not known, as half a sentence. */
export type Placed<T> = Sourced<T> | string;

/** Was it found? Otherwise the text says why not. */
export const isPlaced = <T>(placed: Placed<T>): placed is Sourced<T> => typeof placed !== 'string';

type Field = Parameters<DebuggerData['address']>[0];

/**
 * Where a variable of nt is: the debugger data block tells of some, symbols of all. The block comes first: it is the dump's
 * own.
 */
export function variableOf(
  { data, symbols }: Pick<ObjectKernel, 'data' | 'symbols'>,
  name: string,
  field?: Field,
): Sourced<Va> | undefined {
  const told = field === undefined ? undefined : data?.value.address(field);
  if (told !== undefined) return sourced(told, 'the debugger data block');
  const named = symbols.findAddress(`nt!${name}`);
  return named === undefined ? undefined : sourced(named, `nt!${name}`);
}

/** What a variable of nt points to, or why that is not known. */
export function pointedBy(kernel: ObjectKernel, name: string, field?: Field): Placed<Va> {
  const at = variableOf(kernel, name, field);
  if (at === undefined) return `where nt!${name} is, is not known without symbols`;
  const value = kernel.target.readPointer(at.value);
  if (value === undefined) return `nt!${name} is not in this dump`;
  return value === 0n ? `nt!${name} is null` : sourced(value, at.from);
}

/** The same of a counter, of which 32 bits are read: no count of the pool needs more. */
export function countIn(kernel: ObjectKernel, name: string, field?: Field): Placed<number> {
  const at = variableOf(kernel, name, field);
  if (at === undefined) return `where nt!${name} is, is not known without symbols`;
  const value = kernel.target.readU32(at.value);
  return value === undefined ? `nt!${name} is not in this dump` : sourced(value, at.from);
}
