import type { DebuggerData } from './debugger-data.ts';
import type { KernelStructures } from './kernel-structures.ts';
import type { Processor } from './processors.ts';
import type { Sourced, Target } from './target.ts';
import type { Process, Thread } from './thread.ts';

/** What readers of kernel objects work on. The system as a whole is one. */
export interface Kernel {
  readonly target: Target;
  readonly data: Sourced<DebuggerData> | undefined;
  readonly structures: KernelStructures;
  readonly processors: readonly Processor[];
  /** Of the crash. */
  readonly thread: Thread | undefined;
  readonly process: Process | undefined;
}
