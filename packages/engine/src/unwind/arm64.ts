import type { RegisterSet } from '../cpu/index.ts';
import { ImageProblem, readExceptionDirectory } from '../pe/index.ts';
import { type Arm64Op, type Arm64UnwindInfo, isInstruction, scopeSize } from './arm64-codes.ts';
import { Arm64State } from './arm64-state.ts';
import { readArm64UnwindInfo } from './arm64-unwind-info.ts';
import { type CodeModule, type UnwindContext, UnwindFailure, type UnwindStep } from './frame.ts';

/**
 * Undoes one arm64 frame by the unwind tables: registers of the caller, or of the interrupted code. A failure when the
 * tables do not tell; never throws. Source: the public documentation of ARM64 exception handling, and the unwinder
 * published with the .NET runtime.
 */
export function unwindArm64(registers: RegisterSet, context: UnwindContext): UnwindStep | UnwindFailure {
  const { ip } = registers;
  const module = ip === undefined ? undefined : context.code.findModule(ip);
  if (ip === undefined || module === undefined) return new UnwindFailure('the address is in no module');
  const directory = readExceptionDirectory(module.image);
  if (directory instanceof ImageProblem) return new UnwindFailure(directory.reason);
  const rva = Number(ip - module.base);
  const entry = directory.findRuntimeFunction(rva);
  if (entry instanceof ImageProblem) return new UnwindFailure(entry.reason);
  if (entry === undefined) return undoLeaf(registers, context, module);
  const info = readArm64UnwindInfo(module.image, entry);
  if (info instanceof ImageProblem) return new UnwindFailure(info.reason);
  const { ops, by } = codesFor(info, Math.floor((rva - entry.begin) / 4));
  return undoAll(new Arm64State(context.memory, registers), ops, by);
}

/** A function without an entry has no frame: its return address is in lr. */
function undoLeaf(
  registers: RegisterSet,
  context: UnwindContext,
  module: CodeModule,
): UnwindStep | UnwindFailure {
  if (module.isExecutable(registers.ip!) === false)
    return new UnwindFailure('the address is not in the code of its module');
  if (registers.get('lr') === registers.ip)
    return new UnwindFailure('a leaf function cannot return to itself');
  return undoAll(new Arm64State(context.memory, registers), [], 'leaf');
}

/** What is to be undone at instruction `at`: the part of the prolog that ran, what is left of an epilog, or all. */
function codesFor(
  { prolog, epilogs }: Arm64UnwindInfo,
  at: number,
): { readonly ops: readonly Arm64Op[]; readonly by: UnwindStep['by'] } {
  const size = scopeSize(prolog);
  if (at < size) return { ops: skip(prolog, size - at), by: 'codes' };
  // The last instruction of an epilog, its return, has no code of its own.
  const epilog = epilogs.find(({ start, ops }) => at >= start && at <= start + scopeSize(ops));
  return epilog === undefined
    ? { ops: prolog, by: 'codes' }
    : { ops: skip(epilog.ops, at - epilog.start), by: 'epilog' };
}

/** The codes without those of the first `count` instructions. */
function skip(ops: readonly Arm64Op[], count: number): readonly Arm64Op[] {
  let left = count;
  let index = 0;
  while (left > 0 && index < ops.length) {
    if (isInstruction(ops[index]!)) left--;
    index++;
  }
  return ops.slice(index);
}

function undoAll(
  state: Arm64State,
  ops: readonly Arm64Op[],
  by: UnwindStep['by'],
): UnwindStep | UnwindFailure {
  for (const op of ops) {
    if (op.kind === 'end') break;
    if (!state.undo(op)) return new UnwindFailure('the unwind information cannot be followed');
  }
  const registers = state.finish();
  if (registers === undefined) {
    return new UnwindFailure('the stack, or a register that the unwind information needs, is not known');
  }
  return {
    registers,
    by,
    trap: state.trap,
    ...(state.trapFrame === undefined ? {} : { trapFrame: state.trapFrame }),
  };
}
