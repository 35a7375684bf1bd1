import { readI32 } from '../base/index.ts';

/** What is left to run of an x64 epilog, decoded from code. */
export interface X64Epilog {
  /** First the stack pointer: plus `value` bytes, or the frame register plus `value`. */
  readonly adjust: { readonly from: 'rsp' | 'frame'; readonly value: number } | undefined;
  /** Register numbers in the order in which they are popped. */
  readonly pops: readonly number[];
  /** A near jump ends the epilog: the distance of its target from the start of these bytes. Undefined for any other end. */
  readonly jump: number | undefined;
}

/** Longest epilog that is looked at: 16 pops with prefix, the adjustment and the end. */
export const maxEpilogLength = 64;

const signed8 = (byte: number): number => (byte << 24) >> 24;

/**
 * The epilog that `code` starts with or lies in, or undefined. Only the sequences that compilers may write count:
 * `add rsp, n` or `lea rsp, [frame register + n]`, pops, then `ret`, a near `jmp`, or an indirect `jmp` with REX.W.
 * A near jump is an epilog's end only when it leaves the function, which the caller checks.
 */
export function decodeX64Epilog(code: Uint8Array, frameRegister: number): X64Epilog | undefined {
  const adjusted = decodeAdjust(code, frameRegister);
  const pops: number[] = [];
  let at = adjusted?.length ?? 0;
  for (let length = popLength(code, at); length > 0; length = popLength(code, at)) {
    pops.push(((length === 2 ? code[at]! & 1 : 0) << 3) | (code[at + length - 1]! & 7));
    at += length;
  }
  const end = decodeEnd(code, at);
  return end === undefined ? undefined : { adjust: adjusted?.adjust, pops, jump: end.jump };
}

function decodeAdjust(
  code: Uint8Array,
  frameRegister: number,
): { adjust: X64Epilog['adjust']; length: number } | undefined {
  if (code[0] === 0x48 && code[1] === 0x83 && code[2] === 0xc4 && code.length >= 4) {
    return { adjust: { from: 'rsp', value: signed8(code[3]!) }, length: 4 };
  }
  if (code[0] === 0x48 && code[1] === 0x81 && code[2] === 0xc4 && code.length >= 7) {
    return { adjust: { from: 'rsp', value: readI32(code, 3) }, length: 7 };
  }
  if (((code[0] ?? 0) & 0xfe) !== 0x48 || code[1] !== 0x8d || code.length < 4) return undefined;
  const base = ((code[0]! & 1) << 3) | (code[2]! & 7);
  if (base === 0 || base !== frameRegister) return undefined;
  const mode = code[2]! & 0xf8;
  if (mode === 0x60) return { adjust: { from: 'frame', value: signed8(code[3]!) }, length: 4 };
  if (mode !== 0xa0 || code.length < 7) return undefined;
  return { adjust: { from: 'frame', value: readI32(code, 3) }, length: 7 };
}

/** Bytes of the `pop r64` at `at`, or 0. */
function popLength(code: Uint8Array, at: number): number {
  const first = code[at] ?? 0;
  if ((first & 0xf8) === 0x58) return 1;
  return (first & 0xf0) === 0x40 && ((code[at + 1] ?? 0) & 0xf8) === 0x58 ? 2 : 0;
}

function decodeEnd(code: Uint8Array, start: number): { jump: number | undefined } | undefined {
  // A `bnd` prefix may stand before any of them.
  const at = code[start] === 0xf2 ? start + 1 : start;
  const first = code[at];
  const second = code[at + 1];
  if (first === 0xc3 || first === 0xc2 || (first === 0xf3 && second === 0xc3)) return { jump: undefined };
  if (first === 0xeb && second !== undefined) return { jump: at + 2 + signed8(second) };
  if (first === 0xe9 && at + 5 <= code.length) return { jump: at + 5 + readI32(code, at + 1) };
  if (first === 0xff && second === 0x25) return { jump: undefined };
  const indirect = ((first ?? 0) & 0xf8) === 0x48 && second === 0xff && ((code[at + 2] ?? 0) & 0x38) === 0x20;
  return indirect ? { jump: undefined } : undefined;
}
