import type { TagCode } from './code.ts';

/** How far before an instruction the start of its function is looked for, where no table tells. */
const reach = 0x1000;
/** Instructions from there to it. */
const mostBetween = 1000;
/** push ebp; mov ebp, esp in its two encodings. */
const prologs = [
  [0x55, 0x8b, 0xec],
  [0x55, 0x89, 0xe5],
] as const;

/**
 * RVA of the first instruction of the function around `at`: by the exception directory; where that has none (functions that
 * change no registers, and all of x86), by the prolog or the padding before, if instructions from there on lead to `at` or
 * into the one around it; behind the return before, where it is the last guess. None where none of these tells.
 */
export function* functionStarts(code: TagCode, at: number): Generator<number> {
  const listed = code.disassembler.machine === 'x86' ? undefined : code.functionAround(at);
  if (listed !== undefined) {
    yield listed;
    return;
  }
  const from = Math.max(0, at - reach, code.sectionAt(at)?.rva ?? 0, code.endOfFunctionBefore(at) ?? 0);
  const bytes = code.bytes(from, at - from);
  if (bytes === undefined || bytes.length < at - from) return;
  const begins = code.disassembler.machine === 'arm64' ? beginsArm64 : beginsIntel;
  for (const find of [begins, isBehindReturn])
    for (let index = bytes.length; index > 0; index--)
      if (find(bytes, index, from) && leadsInto(code, from + index, at)) {
        yield from + index;
        break;
      }
  if (leadsInto(code, from, at)) yield from;
}

/** A prolog, or the first instruction behind padding or behind the end of a function, where functions are aligned. */
function beginsIntel(bytes: Uint8Array, index: number, from: number): boolean {
  if (prologs.some((prolog) => prolog.every((byte, next) => bytes[index + next] === byte))) return true;
  const before = bytes[index - 1];
  if (before === 0xcc) return bytes[index] !== 0xcc;
  if ((from + index) % 16 !== 0) return false;
  return before === 0x90 || before === 0xc3 || endsWithNop(bytes.subarray(0, index));
}

/** Starts of instructions that do nothing and fill room up to the next function; zeros follow. */
const fillers = [
  [0x0f, 0x1f, 0x00],
  [0x0f, 0x1f, 0x40],
  [0x0f, 0x1f, 0x44],
  [0x0f, 0x1f, 0x80],
  [0x0f, 0x1f, 0x84],
  [0x8d, 0x74, 0x26],
  [0x8d, 0xb4, 0x26],
  [0x8d, 0x76, 0x00],
  [0x8d, 0xb6, 0x00],
] as const;

function endsWithNop(bytes: Uint8Array): boolean {
  const [shortest, longest] = [3, 8];
  for (let length = shortest; length <= longest; length++) {
    const tail = bytes.subarray(-length);
    const isFiller = fillers.some((filler) => filler.every((byte, index) => tail[index] === byte));
    if (isFiller && tail.subarray(shortest).every((byte) => byte === 0)) return true;
  }
  return false;
}

/** RET, with or without bytes to take from the stack. */
const isBehindReturn = (bytes: Uint8Array, index: number): boolean =>
  bytes[index - 1] === 0xc3 || (bytes[index - 3] === 0xc2 && bytes[index - 1] === 0);

/** Behind a return, a jump, or a word that is none. */
function beginsArm64(bytes: Uint8Array, index: number, from: number): boolean {
  if ((from + index) % 4 !== 0 || index < 4) return false;
  const [a, b, c, d] = bytes.subarray(index - 4, index);
  const word = (a! | (b! << 8) | (c! << 16) | (d! << 24)) >>> 0;
  return (
    word === 0xd65f_03c0 || word === 0 || word >>> 26 === 5 || (word & 0xffff_fc1f) >>> 0 === 0xd61f_0000
  );
}

/** Is `at` inside one of the instructions from `start` on? */
function leadsInto(code: TagCode, start: number, at: number): boolean {
  let next = start;
  for (let count = 0; next <= at && count < mostBetween; count++) {
    const instruction = code.decode(next);
    if (instruction === undefined) return false;
    if (at < next + instruction.length) return true;
    next += instruction.length;
  }
  return false;
}
