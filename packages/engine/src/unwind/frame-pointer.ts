import { Fault, readU32, readU64, signExtend32, type Va } from '../base/index.ts';
import { decodeTrapFrame, RegisterSet, trapFrameSize } from '../cpu/index.ts';
import { KTRAP_FRAME32, StructView } from '../layouts/index.ts';
import { stripSignature } from './arm64-state.ts';
import { readCode, readSomeCode } from './code-bytes.ts';
import type { FoundFrame } from './found-frame.ts';
import type { StackRange, UnwindContext } from './frame.ts';
import { judgeReturnAddress } from './scan.ts';

/** A function's frame record may be this far from the stack pointer when the stack's bounds are not known. */
const maxDistance = 0x1_0000n;

/**
 * The caller by the frame pointer: the record at it holds the caller's frame pointer and the return address.
 * Undefined unless the record is aligned, above the stack pointer and in the stack, and holds a return address.
 */
export function findByFramePointer(
  context: UnwindContext,
  current: FoundFrame,
  stack: StackRange | undefined,
): FoundFrame | undefined {
  const { machine, memory } = context;
  const size = machine === 'x86' ? 4 : 8;
  const record = current.registers.fp;
  if (record === undefined || record % BigInt(size) !== 0n || record < current.sp) return undefined;
  if (stack === undefined ? record - current.sp > maxDistance : record + BigInt(2 * size) > stack.base)
    return undefined;
  const bytes = memory.tryRead(record, 2 * size);
  if (bytes instanceof Fault) return undefined;
  const [fp, ip] =
    machine === 'x86' ? [readU32(bytes, 0), readU32(bytes, 4)].map(signExtend32) : arm64Record(bytes);
  const judged = judgeReturnAddress(context, ip!);
  // A chain that does not rise is none; its end is 0.
  if (judged === undefined || (fp !== 0n && fp! <= record)) return undefined;
  const registers =
    machine === 'x86'
      ? new RegisterSet('x86', [
          ['eip', BigInt.asUintN(32, ip!)],
          ['ebp', BigInt.asUintN(32, fp!)],
        ])
      : new RegisterSet('arm64', [
          ['pc', ip!],
          ['fp', fp!],
        ]);
  return { ip: ip!, sp: record + BigInt(2 * size), registers, trust: 'frame-pointer', note: judged.note };
}

const arm64Record = (bytes: Uint8Array): [Va, Va] => [readU64(bytes, 0), stripSignature(readU64(bytes, 8))];

/**
 * Is interrupted arm64 code about to make its frame, so that lr still holds the return address? True for `pacibsp`,
 * a subtraction from sp, a pair stored with pre-decrement of sp, and any other store of lr to the stack.
 */
export function isBeforeArm64Frame(context: UnwindContext, { ip }: FoundFrame): boolean {
  const code = readCode(context, ip, 4);
  if (code === undefined) return false;
  const word = readU32(code, 0);
  if (word === 0xd503237f || (word & 0xff8003ff) >>> 0 === 0xd10003ff) return true;
  const toStack = ((word >>> 5) & 31) === 31;
  const pushesPair = (word & 0xffc00000) >>> 0 === 0xa9800000;
  const storesLr =
    ((word & 0xff400000) >>> 0 === 0xa9000000 && ((word >>> 10) & 31) === 30) ||
    (word & 0xff40001f) >>> 0 === 0xf900001e;
  return toStack && (pushesPair || storesLr);
}

/** The return address in lr, for interrupted arm64 code that has not stored it. */
export function findByLinkRegister(context: UnwindContext, current: FoundFrame): FoundFrame | undefined {
  const lr = current.registers.get('lr');
  const ip = lr === undefined ? undefined : stripSignature(lr);
  if (ip === undefined || ip === current.ip) return undefined;
  const judged = judgeReturnAddress(context, ip);
  if (judged === undefined) return undefined;
  const fp = current.registers.get('fp');
  const registers = new RegisterSet('arm64', [
    ['pc', ip],
    ...(fp === undefined ? [] : [['fp', fp] as const]),
  ]);
  const note = ['taken from lr', ...(judged.note === undefined ? [] : [judged.note])].join('; ');
  return { ip, sp: current.sp, registers, trust: 'scan', note };
}

/**
 * The interrupted code, when the x86 frame pointer is that of a trap handler: the KTRAP_FRAME it points to holds the
 * interrupted eip and ebp twice, first as if it were a frame record, and the selectors of kernel or user mode.
 */
export function findX86Trap(context: UnwindContext, current: FoundFrame): FoundFrame | undefined {
  const at = current.registers.fp;
  const bytes = at === undefined ? undefined : context.memory.tryRead(at, trapFrameSize('x86')!);
  if (at === undefined || at < current.sp || bytes === undefined || bytes instanceof Fault) return undefined;
  const view = new StructView(KTRAP_FRAME32, bytes);
  const same = view.get('DbgEip') === view.get('Eip') && view.get('DbgEbp') === view.get('Ebp');
  if (!same || !codeSelectors.has(view.get('SegCs') & 0xffff) || view.get('Eip') === 0) return undefined;
  const registers = decodeTrapFrame('x86', bytes, at)!;
  return { ip: registers.ip!, sp: registers.sp!, registers, trust: 'trap', trapFrame: at };
}

/** Kernel and user mode. */
const codeSelectors = new Set([0x08, 0x1b]);

/**
 * The caller of an x86 function that was interrupted before its frame was made: at `push ebp`, or right behind it.
 */
export function findX86EntryCaller(context: UnwindContext, current: FoundFrame): FoundFrame | undefined {
  const pushed = pushedAtEntry(readSomeCode(context, current.ip - 1n, 6));
  const value = pushed === undefined ? undefined : context.memory.tryReadU32(current.sp + BigInt(pushed));
  if (pushed === undefined || value === undefined || value instanceof Fault) return undefined;
  const ip = signExtend32(value);
  const judged = judgeReturnAddress(context, ip);
  if (judged === undefined) return undefined;
  const saved = pushed === 4 ? context.memory.tryReadU32(current.sp) : undefined;
  const fp =
    pushed === 0 ? current.registers.get('ebp') : saved instanceof Fault ? undefined : BigInt(saved!);
  const registers = new RegisterSet('x86', [
    ['eip', BigInt(value)],
    ...(fp === undefined ? [] : [['ebp', fp] as const]),
  ]);
  return { ip, sp: current.sp + BigInt(pushed + 4), registers, trust: 'frame-pointer', note: judged.note };
}

/** Bytes between esp and the return address; the code starts one byte before the instruction pointer. */
function pushedAtEntry(code: Uint8Array): 0 | 4 | undefined {
  const starts = (at: number, ...bytes: number[]): boolean =>
    bytes.every((byte, index) => code[at + index] === byte);
  if (starts(1, 0x55, 0x8b, 0xec) || starts(1, 0x8b, 0xff, 0x55, 0x8b, 0xec)) return 0;
  return starts(0, 0x55, 0x8b, 0xec) ? 4 : undefined;
}
