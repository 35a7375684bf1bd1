import type { Va } from '../base/index.ts';
import { type ListEnd, walkList } from '../types/index.ts';
import { findThreadLinks } from './found-links.ts';
import type { Kernel } from './kernel.ts';

/** Most threads of a process that are looked at. */
const maxThreads = 0x1_0000;

/** A list of threads: its head in the process, its links in the threads. */
interface ThreadListPlace {
  readonly head: number;
  readonly link: number;
}

/**
 * The threads of a process, as addresses of ETHREAD; at the end how the list ended. A process has two lists of them: where
 * one is cut, the other one goes on. Throws TYPES_UNKNOWN where neither list's place is known.
 */
export function* walkThreads(kernel: Kernel, process: Va): Generator<Va, ListEnd> {
  const [first, second] = places(kernel);
  if (first === undefined) throw kernel.structures.unknown('_KPROCESS', 'ThreadListHead');
  const seen = new Set<Va>();
  const end = yield* unseen(kernel, process, first, seen);
  if (end.kind === 'complete' || second === undefined) return end;
  const other = yield* unseen(kernel, process, second, seen);
  return other.kind === 'complete' ? other : end;
}

function* unseen(
  { target }: Kernel,
  process: Va,
  { head, link }: ThreadListPlace,
  seen: Set<Va>,
): Generator<Va, ListEnd> {
  const { pointerSize, memory } = target;
  const walk = walkList(memory, process + BigInt(head), { pointerSize, linkOffset: link, limit: maxThreads });
  for (let next = walk.next(); ; next = walk.next()) {
    if (next.done === true) return next.value;
    if (seen.has(next.value.at)) continue;
    seen.add(next.value.at);
    yield next.value.at;
  }
}

/** The executive's list, which holds threads until they are gone, then the scheduler's. */
function places(kernel: Kernel): ThreadListPlace[] {
  const known = knownPlaces(kernel);
  if (known.length > 0) return known;
  kernel.structures.learn('thread links', () => findThreadLinks(kernel));
  return knownPlaces(kernel);
}

/** Can the threads of a process be listed? */
export const canListThreads = (kernel: Kernel): boolean => places(kernel).length > 0;

function knownPlaces({ structures }: Kernel): ThreadListPlace[] {
  const pairs = [
    ['_EPROCESS', '_ETHREAD'],
    ['_KPROCESS', '_KTHREAD'],
  ] as const;
  return pairs.flatMap(([process, thread]) => {
    const head = structures.offset(process, 'ThreadListHead');
    const link = structures.offset(thread, 'ThreadListEntry');
    return head === undefined || link === undefined ? [] : [{ head, link }];
  });
}
