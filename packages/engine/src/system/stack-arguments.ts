import { Fault, type Va, wrap64 } from '../base/index.ts';
import type { Frame } from '../unwind/index.ts';
import type { Target } from '../windows/index.ts';

/** An x86 frame record: saved ebp and return address; a KTRAP_FRAME begins like one. */
const recordSize = 8n;

/**
 * Where `kb` reads a frame's arguments: on x64 the home slots that the caller leaves, which optimised code uses for
 * anything; on x86 the words above the return address. Undefined where the caller's stack pointer is not known, and on
 * arm64, which keeps no arguments in memory.
 */
export function argumentsAt({ machine }: Target, { callerSp, trapFrame }: Frame): Va | undefined {
  if (machine === 'arm64') return undefined;
  // A trap handler of x86 is called by the processor: the debugger shows what follows the frame record.
  return machine === 'x86' && trapFrame !== undefined ? wrap64(trapFrame + recordSize) : callerSp;
}

/** The words where arguments may be: four on x64, three on x86, none on arm64. Undefined: not in the dump. */
export function readArguments(target: Target, frame: Frame): (bigint | undefined)[] {
  if (target.machine === 'arm64') return [];
  const at = argumentsAt(target, frame);
  return Array.from({ length: target.pointerSize === 8 ? 4 : 3 }, (_, index) => {
    if (at === undefined) return undefined;
    const va = wrap64(at + BigInt(index * target.pointerSize));
    const value = target.pointerSize === 8 ? target.memory.tryReadU64(va) : target.memory.tryReadU32(va);
    return value instanceof Fault ? undefined : BigInt(value);
  });
}

/**
 * The frame pointer that the debugger shows for x86: the address below the return address, where the function keeps its
 * caller's ebp when it has a frame record; of a trap handler the KTRAP_FRAME. Undefined when neither is known.
 */
export function framePointerOf({ callerSp, trapFrame, registers }: Frame): Va | undefined {
  return trapFrame ?? (callerSp === undefined ? registers.fp : wrap64(callerSp - recordSize));
}
