import { latin1 } from '../base/index.ts';
import { operandText } from '../disasm/index.ts';
import { maxInstruction, type ReadCode, type TaggedInstruction } from './tag-call.ts';

/** Instructions of x64 and x86 that end with a value of 32 bits, and hand it on or compare with it. */
export function findIntelValues(
  code: ReadCode,
  value: number,
  start: number,
  isInside: (at: number) => boolean,
): TaggedInstruction[] {
  const needle = latin1(Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24));
  const found: TaggedInstruction[] = [];
  for (
    let at = find(code.bytes, needle, start);
    at >= 0 && isInside(at);
    at = find(code.bytes, needle, at + 1)
  ) {
    const user = endingAt(code, at + 4);
    if (user !== undefined) found.push(user);
  }
  return found;
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
    const text = `${found.mnemonic} ${operandText(found, () => undefined)}`.trimEnd();
    const reading = { instruction: found, text, next: end, last: found.address };
    if (best === undefined) best = reading;
    else if (begin === end - 6 && isPrefix(bytes[begin]!)) return reading;
  }
  return best;
}

/** REX.B alone: the register is r8 to r15. */
const isPrefix = (byte: number): boolean => byte === 0x41;

/** An instruction that hands a value on, or compares with one. */
const loadsValue = (mnemonic: string): boolean => /^(?:mov|push|cmp)$/.test(mnemonic);
