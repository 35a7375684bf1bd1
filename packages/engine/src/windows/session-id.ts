import type { Va } from '../base/index.ts';
import type { VirtualMemory } from '../mmu/index.ts';
import type { Kernel } from './kernel.ts';

/**
 * The session that a process belongs to. Its number lies in session space, which each session has at the same addresses:
 * `memory` has to be the process's own. Undefined when it cannot be told.
 */
export function readSessionId(
  { structures }: Kernel,
  process: Va,
  memory: VirtualMemory | undefined,
): number | 'none' | undefined {
  if (structures.find('_EPROCESS')?.offset('Session') === undefined) return undefined;
  const session = structures.at('_EPROCESS', process).pointer('Session');
  if (session === undefined) return undefined;
  if (session === 0n) return 'none';
  if (memory === undefined || structures.find('_MM_SESSION_SPACE') === undefined) return undefined;
  return structures.at('_MM_SESSION_SPACE', session, memory).number('SessionId');
}
