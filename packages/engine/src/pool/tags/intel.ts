import { latin1 } from '../../base/index.ts';
import { operandText } from '../../disasm/index.ts';
import { maxInstruction, type ReadCode, reversedBytes, type TaggedInstruction } from './call.ts';

/** Instructions of x64 and x86 that have a value of 32 bits, and hand it on or compare with it. */
export function findIntelValues(
  code: ReadCode,
  value: number,
  start: number,
  isInside: (at: number) => boolean,
): TaggedInstruction[] {
  const found: TaggedInstruction[] = [];
  for (const at of placesOf(code.bytes, value, start, isInside)) {
    const user = wideAt(code, at) ?? endingAt(code, at + 4);
    if (user !== undefined) found.push(user);
  }
  return found;
}

/** Moves of the value in reverse order of bytes, with an instruction soon behind that turns one round (BSWAP). */
export function findSwappedValues(
  code: ReadCode,
  value: number,
  start: number,
  isInside: (at: number) => boolean,
): TaggedInstruction[] {
  const found: TaggedInstruction[] = [];
  for (const at of placesOf(code.bytes, reversedBytes(value), start, isInside)) {
    const user = isTurnedAfter(code.bytes, at + 4) ? endingAt(code, at + 4) : undefined;
    if (user !== undefined && user.instruction.mnemonic === 'mov') found.push({ ...user, isSwapped: true });
  }
  return found;
}

/** Bytes behind a value in which it is turned round. */
const turnedWithin = 32;

function isTurnedAfter(bytes: Uint8Array, start: number): boolean {
  for (let at = start; at < start + turnedWithin && at + 1 < bytes.length; at++)
    if (bytes[at] === 0x0f && (bytes[at + 1]! & 0xf8) === 0xc8) return true;
  return false;
}

function* placesOf(
  bytes: Uint8Array,
  value: number,
  start: number,
  isInside: (at: number) => boolean,
): Generator<number> {
  const needle = latin1(Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24));
  for (let at = find(bytes, needle, start); at >= 0 && isInside(at); at = find(bytes, needle, at + 1))
    yield at;
}

function find(bytes: Uint8Array, needle: string, from: number): number {
  const first = needle.charCodeAt(0);
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (at + 4 > bytes.length) return -1;
    if (
      bytes[at + 1] === needle.charCodeAt(1) &&
      bytes[at + 2] === needle.charCodeAt(2) &&
      bytes[at + 3] === needle.charCodeAt(3)
    )
      return at;
  }
  return -1;
}

/**
 * The instruction whose last four bytes are the value: of several readings the one with a prefix that makes the register one
 * of the eight newer ones, else the shortest.
 */
function endingAt({ disassembler, bytes, vaOf }: ReadCode, end: number): TaggedInstruction | undefined {
  let best: TaggedInstruction | undefined;
  for (let begin = end - 5; begin >= Math.max(0, end - maxInstruction); begin--) {
    const found = disassembler.decode(bytes.subarray(begin, begin + maxInstruction), vaOf(begin));
    if (found === undefined || begin + found.length !== end || !loadsValue(found.mnemonic)) continue;
    const reading = taggedBy(found, end);
    if (best === undefined) best = reading;
    else if (begin === end - 6 && isPrefix(bytes[begin]!)) return reading;
  }
  return best;
}

const taggedBy = (
  instruction: TaggedInstruction['instruction'],
  next: number,
  shift = 0,
): TaggedInstruction => ({
  instruction,
  text: `${instruction.mnemonic} ${operandText(instruction, () => undefined)}`.trimEnd(),
  next,
  last: instruction.address,
  shift,
});

/** One half of a number of 64 bits that is moved into a register: REX.W, B8 to BF, and the number. */
function wideAt({ disassembler, bytes, vaOf }: ReadCode, at: number): TaggedInstruction | undefined {
  if (disassembler.machine !== 'x64') return undefined;
  for (const shift of [0, 4]) {
    const begin = at - shift - 2;
    if (begin < 0 || (bytes[begin]! & 0xfe) !== 0x48 || (bytes[begin + 1]! & 0xf8) !== 0xb8) continue;
    const found = disassembler.decode(bytes.subarray(begin, begin + maxInstruction), vaOf(begin));
    if (found?.mnemonic === 'mov' && found.length === wideLength)
      return taggedBy(found, begin + wideLength, shift);
  }
  return undefined;
}

const wideLength = 10;

/** REX.B alone: the register is r8 to r15. */
const isPrefix = (byte: number): boolean => byte === 0x41;

/** An instruction that hands a value on, or compares with one. */
const loadsValue = (mnemonic: string): boolean => /^(?:mov|push|cmp)$/.test(mnemonic);
