import { DebuggerError, type Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { type PoolTrace, readPoolLog } from '../../verifier/index.ts';
import { isReporter } from '../kernel-modules.ts';
import type { Ground } from './finding.ts';

/** Most records of one block that matter. */
const mostTraces = 8;

/** What the verifier's log has of a block, newest first; nothing where there is no log or it cannot be read. */
export function logOfBlock(system: CrashedSystem, address: Va): readonly PoolTrace[] {
  try {
    return runToEnd(readPoolLog(system, { address, count: mostTraces })).traces;
  } catch (error) {
    if (error instanceof DebuggerError) return [];
    throw error;
  }
}

/** The first module of a saved call chain that only asked for the service: its file name and where it called. */
export function callerOf(
  system: CrashedSystem,
  stack: readonly Va[],
): { readonly image: string; readonly at: Va; readonly name: string } | undefined {
  for (const at of stack) {
    const module = system.symbols.locate(at)?.module;
    if (module === undefined || isReporter(module.name)) continue;
    const image = system.modules.find(({ base }) => base === module.base)?.image;
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
