import type { Va } from '../base/index.ts';
import {
  decodeContext,
  decodeExceptionRecord,
  decodeTrapFrame,
  type ExceptionRecord,
  type RegisterSet,
  trapFrameSize,
} from '../cpu/index.ts';
import { KTRAP_FRAME32 } from '../layouts/index.ts';
import type { BugCheck } from './bugcheck/index.ts';
import { findRecords } from './find-records.ts';
import { readContext, readExceptionRecord } from './records.ts';
import { type Sourced, sourced, type Target } from './target.ts';

/** Context of the crashing processor as the dump header has it. */
export function headerContext(target: Target): Sourced<RegisterSet> | undefined {
  const bytes = target.dump.header.contextRecord;
  const registers = bytes === undefined ? undefined : decodeContext(target.machine, bytes);
  return registers === undefined ? undefined : sourced(registers, 'dump header');
}

/** Exception record of the dump header. In dumps of a bug check it is often a breakpoint that says nothing. */
export function headerException(target: Target): Sourced<ExceptionRecord> | undefined {
  const bytes = target.dump.header.exception;
  const record = bytes === undefined ? undefined : decodeExceptionRecord(target.machine, bytes);
  return record === undefined || record.code === 0 ? undefined : sourced(record, 'dump header');
}

/** Registers of the KTRAP_FRAME at `va`; undefined when it is absent or, on arm64, contradicts itself. */
export function readTrapFrame(target: Target, va: Va): RegisterSet | undefined {
  const bytes = target.readBytes(va, trapFrameSize(target.machine));
  return bytes === undefined ? undefined : decodeTrapFrame(target.machine, bytes, va);
}

/** What the bug check's parameters point at, as far as the dump holds it. */
export interface BugCheckRecords {
  readonly exception: { readonly address: Va; readonly record: ExceptionRecord } | undefined;
  /** Registers at the fault, from a context record or trap frame that a parameter names. */
  readonly registers:
    | { readonly address: Va; readonly kind: 'context' | 'trap'; readonly values: RegisterSet }
    | undefined;
}

/** `registers`: those at the bug check, whose stack is searched for records that no parameter names. */
export function readBugCheckRecords(
  target: Target,
  bugCheck: BugCheck,
  registers?: RegisterSet,
): BugCheckRecords {
  const addressOf = (role: BugCheck['roles'][number]): Va | undefined => {
    const index = bugCheck.roles.indexOf(role);
    const value = index < 0 ? undefined : target.parameterAddress(index);
    return value === 0n ? undefined : value;
  };
  const named: BugCheckRecords = {
    exception: exceptionAt(target, addressOf('exception-record')),
    registers: registersAt(target, addressOf('context-record'), addressOf('trap-frame')),
  };
  const code = addressOf('exception-code');
  const ip = addressOf('ip');
  if (code === undefined || ip === undefined || registers === undefined) return named;
  if (named.exception !== undefined && named.registers !== undefined) return named;
  const found = findRecords(target, registers, Number(code & 0xffff_ffffn), ip);
  return {
    exception: named.exception ?? found.exception,
    registers: named.registers ?? (found.context && { ...found.context, kind: 'context' }),
  };
}

function exceptionAt(target: Target, address: Va | undefined): BugCheckRecords['exception'] {
  const record = address === undefined ? undefined : readExceptionRecord(target, address);
  return address === undefined || record === undefined ? undefined : { address, record };
}

function registersAt(
  target: Target,
  context: Va | undefined,
  trap: Va | undefined,
): BugCheckRecords['registers'] {
  const fromContext = context === undefined ? undefined : readContext(target, context);
  if (context !== undefined && fromContext !== undefined)
    return { address: context, kind: 'context', values: fromContext };
  const fromTrap = trap === undefined ? undefined : readTrapFrame(target, trap);
  return trap === undefined || fromTrap === undefined
    ? undefined
    : { address: trap, kind: 'trap', values: fromTrap };
}

/** Error code that the processor pushed into the KTRAP_FRAME at `va`; undefined when it is absent or not part of the frame. */
export function readTrapErrorCode(target: Target, va: Va): number | undefined {
  const { ErrCode } = KTRAP_FRAME32.fields;
  return target.machine === 'x86' ? target.readU32(va + BigInt(ErrCode.offset)) : undefined;
}
