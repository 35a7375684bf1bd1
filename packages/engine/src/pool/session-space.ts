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

/** Is it in the paged pool of the session that the process belongs to? */
function ownPool({ structures, process }: ObjectKernel, va: Va): string | undefined {
  const isKnown =
    structures.offset('_EPROCESS', 'Session') !== undefined &&
    structures.offset('_MM_SESSION_SPACE', 'PagedPoolEnd') !== undefined;
  if (process === undefined || !isKnown) return undefined;
  const session = structures.at('_EPROCESS', process.address).pointer('Session');
  if (session === undefined || session === 0n) return undefined;
  const space = structures.at('_MM_SESSION_SPACE', session);
  const [start, end] = [space.pointer('PagedPoolStart'), space.pointer('PagedPoolEnd')];
  if (start === undefined || end === undefined || start === 0n || end < start) return undefined;
  return va >= start && va <= end ? 'the paged pool of its session' : undefined;
}
