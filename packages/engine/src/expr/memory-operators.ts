import { DebuggerError, describeFault, Fault, tickHex } from '../base/index.ts';
import type { EvaluationContext } from './evaluation-context.ts';

const sizes: Readonly<Record<string, number>> = { by: 1, wo: 2, dwo: 4, qwo: 8 };

/** `by` to `poi` read virtual addresses, `$pby` to `$ppoi` physical ones. */
const isPhysical = (word: string): boolean => word.startsWith('$p');

/** Bytes that an operator reads; undefined for words that are none of these operators. */
export function sizeOfRead(word: string, { pointerSize }: EvaluationContext): number | undefined {
  const plain = isPhysical(word) ? word.slice(2) : word;
  return plain === 'poi' ? pointerSize : sizes[plain];
}

interface Read {
  readonly word: string;
  readonly size: number;
  /** The expression from the operator on, for the complaint. */
  readonly rest: string;
}

/** What an operator reads at an address. Throws MEMORY_UNREADABLE; a 32-bit pointer is sign-extended. */
export function readOperand({ word, size, rest }: Read, address: bigint, context: EvaluationContext): bigint {
  const bytes = isPhysical(word)
    ? readPhysical(context, address, size)
    : context.memory.tryRead(address, size);
  if (bytes instanceof Fault) {
    const where = isPhysical(word) ? address.toString(16) : tickHex(address);
    throw new DebuggerError(
      'MEMORY_UNREADABLE',
      `Memory access error at '${rest}': ${where} could not be read: ${describeFault(bytes)}`,
    );
  }
  let value = 0n;
  for (let at = size - 1; at >= 0; at--) value = (value << 8n) | BigInt(bytes[at]!);
  return word.endsWith('poi') && size === 4 ? extend32(value) : value;
}

function readPhysical(
  { readPhysical: read }: EvaluationContext,
  pa: bigint,
  size: number,
): Uint8Array | Fault {
  if (read !== undefined) return read(pa, size);
  throw new DebuggerError('NOT_IN_TRIAGE_DUMP', 'this dump holds no physical memory');
}

export const extend32 = (value: bigint): bigint => BigInt.asUintN(64, BigInt.asIntN(32, value));
