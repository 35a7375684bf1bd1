import { DebuggerError } from '../base/index.ts';

/** The error of compressed data that breaks its format's rules. */
export const damagedData = (what: string): DebuggerError =>
  new DebuggerError('ARCHIVE_DAMAGED', `the compressed data is damaged: ${what}`);

/** The error of compressed data that stops before its end. */
export const truncatedData = (): DebuggerError =>
  new DebuggerError('ARCHIVE_DAMAGED', 'the archive stops in the middle of its compressed data');
