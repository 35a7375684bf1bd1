import { Fault } from '../base/index.ts';

const int3 = 0xcc;
const nop = 0x90;

/**
 * Does x86 code run on without the start of another function? Compilers put int 3 between functions; without it a
 * return is followed by `push ebp; mov ebp,esp`, maybe behind the `mov edi,edi` of patchable functions.
 * Bytes that are not in the dump prove nothing: false.
 */
export function isOneFunction(code: Uint8Array | Fault): boolean {
  if (code instanceof Fault) return false;
  for (let at = 0; at < code.length; at++) {
    if (code[at] === int3 && code[at + 1] === int3) return false;
    if (startsFunction(code, at) && followsReturn(code, at)) return false;
  }
  return true;
}

function startsFunction(code: Uint8Array, at: number): boolean {
  const start = code[at] === 0x8b && code[at + 1] === 0xff ? at + 2 : at;
  const moves =
    (code[start + 1] === 0x8b && code[start + 2] === 0xec) ||
    (code[start + 1] === 0x89 && code[start + 2] === 0xe5);
  return code[start] === 0x55 && moves;
}

/** `ret`, or `ret imm16` of a multiple of 4, with nothing but padding up to `at`. */
function followsReturn(code: Uint8Array, at: number): boolean {
  let end = at;
  while (end > 0 && (code[end - 1] === int3 || code[end - 1] === nop)) end--;
  const withCount = code[end - 3] === 0xc2 && code[end - 1] === 0 && ((code[end - 2] ?? 1) & 3) === 0;
  return end > 0 && (code[end - 1] === 0xc3 || withCount);
}
