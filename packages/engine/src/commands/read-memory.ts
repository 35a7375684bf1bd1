import { DebuggerError, Fault, type Va } from '../base/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import type { Console } from './console.ts';

/** Why no record could be read at `va`: its bytes are missing, or they are something else. */
export function noRecord(system: CrashedSystem, what: string, va: Va): DebuggerError {
  const missing = system.memory.tryRead(va, 1) instanceof Fault;
  const where = system.addressText(va);
  return missing
    ? new DebuggerError('MEMORY_UNREADABLE', `the ${what} at ${where} cannot be read`)
    : new DebuggerError('NO_SUCH_RECORD', `there is no ${what} at ${where}`);
}

/** Bytes with holes: `mask[i]` is 1 where byte i was read. */
export function readWithHoles(
  console: Console,
  va: Va,
  length: number,
): { bytes: Uint8Array; mask: Uint8Array } {
  const bytes = new Uint8Array(length);
  const mask = new Uint8Array(length);
  const { memory } = console;
  let at = 0;
  while (at < length) {
    const read = memory.tryRead(va + BigInt(at), length - at);
    const got = read instanceof Fault ? read.got : read;
    bytes.set(got, at);
    mask.fill(1, at, at + got.length);
    at += got.length;
    if (at >= length || !(read instanceof Fault)) break;
    const next = memory.nextCandidate(va + BigInt(at));
    if (next === undefined || next - va >= BigInt(length) || next <= va + BigInt(at)) break;
    at = Number(next - va);
  }
  return { bytes, mask };
}
