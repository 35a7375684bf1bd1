import {
  DebuggerError,
  type PoolTrace,
  readPoolLog,
  readVerifierSettings,
  type Session,
} from '@poolscope/engine';
import type { LogEntry, VerifierView } from '../../protocol/views.ts';
import type { Job } from '../job.ts';
import { deedOf } from './log-deed.ts';

/** Records that are sent at most: more than a log of any build has. */
const mostRecords = 1 << 17;

/** Settings of Driver Verifier, and its log of allocations and frees. */
export async function verifierView(session: Session, job: Job): Promise<VerifierView> {
  const settings = tryTo(() => session.execute('!verifier').lines);
  const level = tryTo(() => readVerifierSettings(session.system).level);
  const common = {
    settings: typeof settings === 'string' ? [[settings]] : settings,
    isOn: typeof level === 'string' ? undefined : level !== 0,
  };
  try {
    const run = readPoolLog(session.system, { count: mostRecords });
    const log = await job.follow(run, (step) => progressOf(step));
    const entries = log.traces.map((trace) => entryOf(session, trace));
    const missing = log.missing > 0 ? [`${log.missing} records are not in the dump`] : [];
    const notes = [...missing, ...(entries.some(({ deed }) => deed === undefined) ? [cannotTell] : [])];
    return { ...common, log: entries, note: notes.length === 0 ? undefined : notes.join('; ') };
  } catch (error) {
    if (!(error instanceof DebuggerError)) throw error;
    return { ...common, log: [], note: `${error.message}. ${error.remedy}` };
  }
}

function tryTo<Result>(work: () => Result): Result | string {
  try {
    return work();
  } catch (error) {
    if (error instanceof DebuggerError) return error.message;
    throw error;
  }
}

const cannotTell =
  'only names of functions of nt on its stack tell a free from an allocation: that needs symbols of nt';

function progressOf(step: unknown) {
  const known = step as { readonly done: number; readonly ring: { readonly length: number } } | undefined;
  if (known === undefined) return { what: 'looking for the log', done: 0 };
  return { what: 'reading the log', done: known.done, total: known.ring.length };
}

function entryOf({ system }: Session, { slot, address, size, thread, stack }: PoolTrace): LogEntry {
  const named = stack.map((va) => ({ address: va, name: system.symbols.nameOf(va) }));
  return { deed: deedOf(named.map(({ name }) => name)), slot, address, size, thread, stack: named };
}
