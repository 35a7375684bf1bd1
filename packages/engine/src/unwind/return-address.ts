import { Fault, readI32, readU32, type Va, wrap64 } from '../base/index.ts';
import type { Machine } from '../cpu/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';
import { readCode } from './code-bytes.ts';
import type { UnwindContext } from './frame.ts';

/**
 * - `call`: the instruction before the address is a call
 * - `no-call`: it is none
 * - `unknown`: its bytes are not in the dump
 */
export type CallEvidence = 'call' | 'no-call' | 'unknown';

/** A call that ends at the end of some bytes. */
interface CallBefore {
  /** Direct calls: distance of the target from the return address. */
  readonly displacement: number | undefined;
}

/** Longest call without prefixes, and the lengths that tell something when not all of it is there. */
const intelLengths = [7, 6, 5, 4, 3, 2] as const;
const longestIntelCall = 7;
/** The system maps the stubs that guard indirect calls behind the images that use them. */
const stubRoom = 0x10_0000n;

/** Does a call end right before `va`? From memory alone. */
export function isReturnAddress(memory: VirtualMemory, va: Va, machine: Machine = 'x64'): CallEvidence {
  const read = (at: Va, length: number): Uint8Array | undefined => {
    const bytes = memory.tryRead(wrap64(at), length);
    return bytes instanceof Fault ? undefined : bytes;
  };
  return classify(machine, va, read, () => true);
}

/** The same with code from the module's image where memory lacks it, and with the target of a direct call checked. */
export function findCallBefore(context: UnwindContext, va: Va): CallEvidence {
  const caller = context.code.findModule(va);
  const isTarget = (target: Va): boolean => {
    const module = context.code.findModule(target);
    if (module !== undefined) return module.isExecutable(target) !== false;
    const behind = caller === undefined ? -1n : target - caller.base - BigInt(caller.size);
    return behind >= 0n && behind < stubRoom;
  };
  return classify(context.machine, va, (at, length) => readCode(context, wrap64(at), length), isTarget);
}

function classify(
  machine: Machine,
  va: Va,
  read: (at: Va, length: number) => Uint8Array | undefined,
  isTarget: (target: Va) => boolean,
): CallEvidence {
  for (const length of machine === 'arm64' ? [4] : intelLengths) {
    const bytes = read(va - BigInt(length), length);
    if (bytes === undefined) continue;
    const calls = machine === 'arm64' ? decodeArm64Call(bytes) : decodeIntelCalls(bytes);
    const real = calls.some(
      ({ displacement }) => displacement === undefined || isTarget(targetOf(machine, va, displacement)),
    );
    if (real) return 'call';
    return machine === 'arm64' || length === longestIntelCall ? 'no-call' : 'unknown';
  }
  return 'unknown';
}

function targetOf(machine: Machine, va: Va, displacement: number): Va {
  const target = va + BigInt(displacement);
  return machine === 'x86' ? BigInt.asUintN(64, BigInt.asIntN(32, target)) : wrap64(target);
}

/** Calls that end with the last of the bytes: E8 with a distance, FF /2 with any operand. */
export function decodeIntelCalls(bytes: Uint8Array): CallBefore[] {
  const end = bytes.length;
  const calls: CallBefore[] = [];
  if (end >= 5 && bytes[end - 5] === 0xe8) calls.push({ displacement: readI32(bytes, end - 4) });
  for (let length = 2; length <= Math.min(longestIntelCall, end); length++) {
    if (bytes[end - length] === 0xff && indirectLength(bytes, end - length) === length) {
      calls.push({ displacement: undefined });
    }
  }
  return calls;
}

/** Bytes of the `FF /2` at `at`, or 0. A REX prefix before it changes registers, not the length. */
function indirectLength(bytes: Uint8Array, at: number): number {
  const modRm = bytes[at + 1]!;
  if ((modRm & 0x38) !== 0x10) return 0;
  const mode = modRm >> 6;
  const register = modRm & 7;
  if (mode === 3) return 2;
  const sib = register === 4 ? 1 : 0;
  const base = sib === 1 ? (bytes[at + 2] ?? 0) & 7 : register;
  const displacement = mode === 1 ? 1 : mode === 2 || base === 5 ? 4 : 0;
  return 2 + sib + displacement;
}

/** BL, or BLR in its plain and its authenticating forms. */
function decodeArm64Call(bytes: Uint8Array): CallBefore[] {
  const word = readU32(bytes, 0);
  if (word >>> 26 === 0x25) return [{ displacement: ((word << 6) >> 4) - 4 }];
  const isBlr = (word & 0xfffffc1f) >>> 0 === 0xd63f0000 || (word & 0xfefff800) >>> 0 === 0xd63f0800;
  return isBlr ? [{ displacement: undefined }] : [];
}
