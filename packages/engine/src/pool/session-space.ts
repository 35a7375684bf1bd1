import type { Va } from '../base/index.ts';
import { type ObjectKernel, readSessionId, systemRegions } from '../windows/index.ts';

/** An address that means something else in every session. */
export interface SessionAddress {
  /** How that is known, as half a sentence. */
  readonly from: string;
  /** The process through whose page tables it is read; undefined: not known. */
  readonly process: Va | undefined;
  /** The session of that process; `none`: it belongs to none; undefined: the dump does not tell. */
  readonly sessionId: number | 'none' | undefined;
}

const usages = new Set(['Session', 'SessionSpace']);

/** Is an address in session space? By the regions that the dump names, or the bounds of the process's own session. */
export function findSession(kernel: ObjectKernel, va: Va): SessionAddress | undefined {
  const region = systemRegions(kernel).find(
    ({ usage, start, end }) => usages.has(usage) && va >= start && va < end,
  );
  const from = region === undefined ? ownPool(kernel, va) : `${region.usage} by ${region.from}`;
  if (from === undefined) return undefined;
  const process = kernel.process?.address;
  const sessionId = process === undefined ? undefined : readSessionId(kernel, process, kernel.target.memory);
  return { from, process, sessionId };
}

/** Where the process through whose tables memory is read has its session; undefined: it has none, or nothing tells. */
export function sessionOfProcess({
  structures,
  process,
}: Pick<ObjectKernel, 'structures' | 'process'>): Va | undefined {
  if (process === undefined || structures.offset('_EPROCESS', 'Session') === undefined) return undefined;
  const session = structures.at('_EPROCESS', process.address).pointer('Session');
  return session === 0n ? undefined : session;
}

/** Is it in the paged pool of the session that the process belongs to? */
function ownPool(kernel: ObjectKernel, va: Va): string | undefined {
  const { structures } = kernel;
  const session = sessionOfProcess(kernel);
  if (session === undefined || structures.offset('_MM_SESSION_SPACE', 'PagedPoolEnd') === undefined)
    return undefined;
  const space = structures.at('_MM_SESSION_SPACE', session);
  const [start, end] = [space.pointer('PagedPoolStart'), space.pointer('PagedPoolEnd')];
  if (start === undefined || end === undefined || start === 0n || end < start) return undefined;
  return va >= start && va <= end ? 'the paged pool of its session' : undefined;
}
