import type { Va } from '../base/index.ts';
import { type ExceptionRecord, generalRegisters, type RegisterSet } from '../cpu/index.ts';
import { readContext, readExceptionRecord } from './records.ts';
import type { Target } from './target.ts';

/** Stack that is looked through: the frames between the exception and the bug check are near. */
const searchedStack = 0x1000;

/** Records of an exception that the bug check does not name. */
export interface FoundRecords {
  readonly exception: { readonly address: Va; readonly record: ExceptionRecord } | undefined;
  readonly context: { readonly address: Va; readonly values: RegisterSet } | undefined;
}

/**
 * Bug checks such as 0x1E tell the exception's code and address, but not where its records are. The code that raised the
 * bug check still has pointers to them, in registers or on its stack: a record with the same code and address, and a
 * context with the same instruction pointer, are the ones.
 */
export function findRecords(target: Target, registers: RegisterSet, code: number, ip: Va): FoundRecords {
  let exception: FoundRecords['exception'];
  let context: FoundRecords['context'];
  for (const address of candidates(target, registers)) {
    if (exception === undefined) {
      const record = readExceptionRecord(target, address);
      if (record?.code === code && record.address === ip) exception = { address, record };
    }
    if (context === undefined) {
      const values = readContext(target, address);
      if (values?.ip === ip && values.sp !== undefined && values.sp !== 0n) context = { address, values };
    }
    if (exception !== undefined && context !== undefined) break;
  }
  return { exception, context };
}

/** Aligned pointers into kernel memory, each once: registers first, then the stack from its top. */
function candidates(target: Target, registers: RegisterSet): Set<Va> {
  const found = new Set<Va>();
  const align = BigInt(target.pointerSize);
  const kernel = target.machine === 'x86' ? 0xffff_ffff_8000_0000n : 0xffff_8000_0000_0000n;
  const add = (value: Va | undefined) => {
    if (value !== undefined && value >= kernel && value % align === 0n) found.add(value);
  };
  for (const name of generalRegisters[registers.machine]) {
    const value = registers.get(name);
    add(
      value === undefined || target.pointerSize === 8 ? value : BigInt.asUintN(64, BigInt.asIntN(32, value)),
    );
  }
  const { sp } = registers;
  const stack = sp === undefined ? undefined : readUpTo(target, sp, searchedStack);
  for (let at = 0; stack !== undefined && at < stack.length; at += target.pointerSize)
    add(target.pointerIn(stack, at));
  return found;
}

function readUpTo(target: Target, va: Va, most: number): Uint8Array {
  const read = target.memory.tryRead(va, most);
  return 'got' in read ? read.got : read;
}
