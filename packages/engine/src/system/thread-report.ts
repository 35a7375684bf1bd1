import type { Va } from '../base/index.ts';
import type { Frame } from '../unwind/index.ts';
import {
  readThreadBlock,
  readThreadDetails,
  type ThreadBlock,
  type ThreadDetails,
} from '../windows/index.ts';
import type { CrashedSystem } from './crashed-system.ts';
import { registersOfThread } from './thread-registers.ts';

/** How much of a thread is told: its line; what it waits for; that, its details and its stack. */
export type ThreadDepth = 'line' | 'wait' | 'stack';

/** A thread, as `!thread` shows it. */
export interface ThreadReport {
  readonly thread: ThreadBlock;
  readonly details?: ThreadDetails;
  /** Nearest first; undefined when the thread's registers cannot be told. */
  readonly stack?: readonly Frame[] | undefined;
}

const maxFrames = 64;

/** What the dump tells of the thread at `address`. Throws nothing: what cannot be read is undefined. */
export function reportThread(system: CrashedSystem, address: Va, depth: ThreadDepth = 'stack'): ThreadReport {
  const thread = readThreadBlock(system, address);
  if (depth !== 'stack') return { thread };
  const saved = registersOfThread(system, address);
  const stack = saved === undefined ? undefined : system.stackFrom(saved.registers, maxFrames, address);
  return { thread, details: readThreadDetails(system, address), stack };
}
