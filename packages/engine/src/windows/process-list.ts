import type { Va } from '../base/index.ts';
import { type ListEnd, walkList } from '../types/index.ts';
import { findProcessLinks } from './found-links.ts';
import type { Kernel } from './kernel.ts';

/** Most processes that are looked at: more than any system runs. */
const maxProcesses = 0x1_0000;

/**
 * All processes in the order of nt!PsActiveProcessHead, as addresses of EPROCESS; at the end how the list ended. Throws
 * TYPES_UNKNOWN where the place of its links is not known. Undefined at the end: the dump does not say where the list is.
 */
export function* walkProcesses(kernel: Kernel): Generator<Va, ListEnd | undefined> {
  const { target, data, structures } = kernel;
  const head = data?.value.address('PsActiveProcessHead') ?? target.dump.header.psActiveProcessHead;
  if (head === undefined) return undefined;
  const linkOffset = processLinkOffset(kernel);
  if (linkOffset === undefined) throw structures.unknown('_EPROCESS', 'ActiveProcessLinks');
  const { pointerSize } = target;
  const walk = walkList(target.memory, head, { pointerSize, linkOffset, limit: maxProcesses });
  for (let next = walk.next(); ; next = walk.next()) {
    if (next.done === true) return next.value;
    yield next.value.at;
  }
}

/** Where an EPROCESS is linked to the others; looked for in builds whose layout is not known. */
export function processLinkOffset(kernel: Kernel): number | undefined {
  const { structures } = kernel;
  const known = structures.offset('_EPROCESS', 'ActiveProcessLinks');
  if (known !== undefined) return known;
  structures.learn('process links', () => findProcessLinks(kernel));
  return structures.offset('_EPROCESS', 'ActiveProcessLinks');
}
