import type { Va } from '../base/index.ts';
import {
  contextSize,
  decodeContext,
  decodeExceptionRecord,
  type ExceptionRecord,
  exceptionRecordSize,
  type RegisterSet,
} from '../cpu/index.ts';
import type { Target } from './target.ts';

/** Registers of the CONTEXT record at `va`, or undefined when it is absent or not one. */
export function readContext(target: Target, va: Va): RegisterSet | undefined {
  const bytes = target.readBytes(va, contextSize(target.machine));
  return bytes === undefined ? undefined : decodeContext(target.machine, bytes);
}

/** The EXCEPTION_RECORD at `va`, or undefined when it is absent or not one. */
export function readExceptionRecord(target: Target, va: Va): ExceptionRecord | undefined {
  const bytes = target.readBytes(va, exceptionRecordSize(target.machine));
  return bytes === undefined ? undefined : decodeExceptionRecord(target.machine, bytes);
}
