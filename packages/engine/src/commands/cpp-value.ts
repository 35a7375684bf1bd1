import { DebuggerError, describeFault, Fault, type Va } from '../base/index.ts';
import type { BitField } from '../types/index.ts';
import type { Console } from './console.ts';
import { type CppType, convert, sizeOfType } from './cpp-types.ts';

/** A value, or a place in memory that holds one. */
export interface CppValue {
  readonly type: CppType;
  /** Of a value that is not in memory, or was read. */
  readonly value: bigint | undefined;
  /** Where it is. */
  readonly at: Va | undefined;
  readonly bits: BitField | undefined;
}

/** What memory holds at a place. Throws MEMORY_UNREADABLE, or TYPES_UNKNOWN for what is no number. */
export function readCpp(console: Console, { type, at, bits }: CppValue): bigint {
  const isScalar = type.pointers > 0 || /^[ui]\d+$/.test(type.base);
  if (at === undefined || !isScalar || type.count !== undefined)
    throw new DebuggerError(
      'TYPES_UNKNOWN',
      type.base === 'void'
        ? 'its type is not known: cast its address, *(TYPE*)&NAME'
        : `struct ${type.base} is no number`,
    );
  const read = console.memory.tryRead(at, sizeOfType(console, type));
  if (read instanceof Fault) throw new DebuggerError('MEMORY_UNREADABLE', describeFault(read));
  const whole = read.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const value = bits === undefined ? whole : BigInt.asUintN(bits.width, whole >> BigInt(bits.position));
  return convert(console, value, type);
}
