import { DebuggerError } from '@poolscope/engine';

/** What is thrown for a file that cannot be read; `reason` follows a colon. */
export const unreadable = (path: string, reason: string, cause?: unknown): DebuggerError =>
  new DebuggerError('FILE_UNREADABLE', `${path} cannot be read: ${reason}`, { cause });
