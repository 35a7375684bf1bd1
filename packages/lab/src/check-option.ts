import { DebuggerError } from '@poolscope/engine/base';

/** Refuses what a caller asks for when it cannot be built. */
export function checkOption(condition: unknown, message: string): asserts condition {
  if (!condition) throw new DebuggerError('LAB_OPTIONS', message);
}
