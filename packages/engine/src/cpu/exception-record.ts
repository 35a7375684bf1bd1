import type { Va } from '../base/index.ts';
import { signExtend32 } from '../base/index.ts';
import { EXCEPTION_RECORD32, EXCEPTION_RECORD64, StructView } from '../layouts/index.ts';
import { type Machine, pointerSize } from './machine.ts';

/** A decoded EXCEPTION_RECORD. */
export interface ExceptionRecord {
  readonly code: number;
  readonly flags: number;
  /** Address of a nested record, or 0. */
  readonly record: Va;
  readonly address: Va;
  /** At most 15 values. */
  readonly information: readonly bigint[];
}

export const exceptionRecordSize = (machine: Machine): number =>
  pointerSize(machine) === 8 ? EXCEPTION_RECORD64.size : EXCEPTION_RECORD32.size;

/** Undefined when the bytes are too few or hold more parameters than a record can have. */
export function decodeExceptionRecord(machine: Machine, bytes: Uint8Array): ExceptionRecord | undefined {
  if (bytes.length < exceptionRecordSize(machine)) return undefined;
  return machine === 'x86' ? decode32(bytes) : decode64(bytes);
}

function decode64(bytes: Uint8Array): ExceptionRecord | undefined {
  const view = new StructView(EXCEPTION_RECORD64, bytes);
  const count = view.get('NumberParameters');
  if (count > 15) return undefined;
  return {
    code: view.get('ExceptionCode'),
    flags: view.get('ExceptionFlags'),
    record: view.get('ExceptionRecord'),
    address: view.get('ExceptionAddress'),
    information: Array.from({ length: count }, (_, index) => view.get('ExceptionInformation', index)),
  };
}

function decode32(bytes: Uint8Array): ExceptionRecord | undefined {
  const view = new StructView(EXCEPTION_RECORD32, bytes);
  const count = view.get('NumberParameters');
  if (count > 15) return undefined;
  return {
    code: view.get('ExceptionCode'),
    flags: view.get('ExceptionFlags'),
    record: signExtend32(view.get('ExceptionRecord')),
    address: signExtend32(view.get('ExceptionAddress')),
    information: Array.from({ length: count }, (_, index) =>
      signExtend32(view.get('ExceptionInformation', index)),
    ),
  };
}
