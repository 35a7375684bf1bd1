import { DebuggerError, type Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { type PoolTrace, readPoolLog } from '../../verifier/index.ts';
import type { Ground, SuspectReason } from './finding.ts';
import { moduleAt } from './images.ts';
import { remembered } from './remember.ts';

/** Most records of one block that matter. */
const mostTraces = 8;

/** What the verifier's log has of a block, newest first; nothing where there is no log or it cannot be read. */
export const logOfBlock: (system: CrashedSystem, address: Va) => readonly PoolTrace[] = remembered(
  (system: CrashedSystem, address: Va) => {
    try {
      return runToEnd(readPoolLog(system, { address, count: mostTraces })).traces;
    } catch (error) {
      if (error instanceof DebuggerError) return [];
      throw error;
    }
  },
);

/** The first module of a saved call chain that only asked for the service: its file name and where it called. */
export function callerOf(
  system: CrashedSystem,
  stack: readonly Va[],
): { readonly image: string; readonly at: Va; readonly name: string } | undefined {
  for (const at of stack) {
    const module = moduleAt(system, at);
    if (module === undefined || module.reports) continue;
    const { image } = module;
    return image === undefined
      ? undefined
      : { image, at, name: system.symbols.nameOf(at) ?? system.shortText(at) };
  }
  return undefined;
}

/** That the log has the block, and who is in it. */
export function logGrounds(system: CrashedSystem, address: Va, log: readonly PoolTrace[]): Ground[] {
  if (log.length === 0) return [];
  const callers = log
    .map(({ stack }) => callerOf(system, stack)?.image)
    .filter((image) => image !== undefined);
  const by = callers.length === 0 ? '' : `, made by ${[...new Set(callers)].join(' and ')}`;
  return [
    {
      rule: 'log-tells',
      claim: `The verifier's log has ${log.length} record${log.length === 1 ? '' : 's'} of that block${by}.`,
      command: `!verifier 80 ${system.shortText(address)}`,
    },
  ];
}

/** Who freed a block first, or asked for it, by the newest record of it in the log. */
export function namedInLog(system: CrashedSystem, address: Va): SuspectReason[] {
  const [newest] = logOfBlock(system, address);
  const caller = newest === undefined ? undefined : callerOf(system, newest.stack);
  if (caller === undefined) return [];
  const because = `is in the verifier's log with this block, at ${caller.name}`;
  return [{ module: caller.image, rule: 'freed-first', because }];
}
