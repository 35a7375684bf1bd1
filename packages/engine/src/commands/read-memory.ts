import { DebuggerError, Fault, type Va } from '../base/index.ts';
import type { CrashedSystem } from '../system/index.ts';

/** Why no record could be read at `va`: its bytes are missing, or they are something else. */
export function noRecord(system: CrashedSystem, what: string, va: Va): DebuggerError {
  const missing = system.memory.tryRead(va, 1) instanceof Fault;
  const where = system.addressText(va);
  return missing
    ? new DebuggerError('MEMORY_UNREADABLE', `the ${what} at ${where} cannot be read`)
    : new DebuggerError('NO_SUCH_RECORD', `there is no ${what} at ${where}`);
}
