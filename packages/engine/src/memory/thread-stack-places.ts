import type { Va } from '../base/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import {
  canListThreads,
  processLinkOffset,
  readThread,
  readThreadId,
  walkProcesses,
  walkThreads,
} from '../windows/index.ts';
import type { Place } from './places.ts';

/** Most threads whose stacks are looked at. */
const maxThreads = 0x1_0000;

/** Most links of damaged lists that lead to threads which were met before. */
const maxRepeats = 0x1_0000;

/** Kernel stacks of all threads that are listed; undefined between two of them is a sign of life. */
export function* walkThreadStackPlaces(system: CrashedSystem): Generator<Place | undefined, void> {
  if (processLinkOffset(system) === undefined || !canListThreads(system)) return;
  const seen = new Set<Va>();
  let repeats = 0;
  for (const process of walkProcesses(system)) {
    for (const thread of walkThreads(system, process)) {
      if (seen.size >= maxThreads || repeats >= maxRepeats) return;
      if (seen.has(thread)) repeats++;
      else yield stackOf(system, thread);
      seen.add(thread);
    }
    yield undefined;
  }
}

function stackOf(system: CrashedSystem, thread: Va): Place | undefined {
  const { target, data } = system;
  if (data === undefined) return undefined;
  const { stackLimit: start, stackBase: end } = readThread(target, data.value, thread);
  if (start === undefined || end === undefined || start >= end) return undefined;
  const { processId, id } = readThreadId(system, thread);
  const cid =
    processId === undefined || id === undefined ? '' : `, ${processId.toString(16)}.${id.toString(16)}`;
  const what = `kernel stack of thread ${system.shortText(thread)}${cid}`;
  return { kind: 'stack', usage: 'Stack', what, from: 'its KTHREAD', start, end };
}
