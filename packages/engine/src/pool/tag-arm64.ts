import { readU32 } from '../base/index.ts';
import { operandText } from '../disasm/index.ts';
import type { ReadCode, TaggedInstruction } from './tag-call.ts';

/** Instructions between the two halves of a value. */
const mostBetween = 4;
const immediateMask = 0xffff;

/**
 * Values of 32 bits in arm64 code: built of two halves, one by MOVZ and the other by MOVK in any order, or loaded from between
 * functions (LDR literal). Source: the Arm architecture's encodings.
 */
export function findArm64Values(
  code: ReadCode,
  value: number,
  isInside: (at: number) => boolean,
): TaggedInstruction[] {
  const { bytes } = code;
  const found: TaggedInstruction[] = [];
  const start = Number((4n - (code.vaOf(0) % 4n)) % 4n);
  for (let at = start; at + 4 <= bytes.length; at += 4) {
    if (!isInside(at)) continue;
    const word = readU32(bytes, at);
    const tagged = loadsLiteral(code, at, word, value)
      ? textOf(code, [at])
      : textOf(code, halvesAt(bytes, at, word, value));
    if (tagged !== undefined) found.push(tagged);
  }
  return found;
}

/** LDR Wt, literal: a distance of 19 bits in words. */
function loadsLiteral(
  { bytes, image, vaOf, module }: ReadCode,
  at: number,
  word: number,
  value: number,
): boolean {
  if (word >>> 24 !== 0x18) return false;
  const target = at + ((word << 8) >> 13) * 4;
  if (target >= 0 && target + 4 <= bytes.length) return readU32(bytes, target) === value;
  const rva = Number(vaOf(target) - module.base);
  const read = image.tryReadRva(rva, 4);
  return read instanceof Uint8Array && readU32(read, 0) === value;
}

/** Both places where a value is built; empty where it is not. */
function halvesAt(bytes: Uint8Array, at: number, word: number, value: number): number[] {
  const first = halfOf(word, value);
  if (first === undefined || !first.clears) return [];
  for (let next = at + 4; next <= at + 4 * mostBetween && next + 4 <= bytes.length; next += 4) {
    const second = halfOf(readU32(bytes, next), value);
    if (second?.clears === false && second.register === first.register && second.isHigh !== first.isHigh)
      return [at, next];
  }
  return [];
}

function textOf(
  { disassembler, bytes, vaOf }: ReadCode,
  places: readonly number[],
): TaggedInstruction | undefined {
  const instructions = places.flatMap(
    (at) => disassembler.decode(bytes.subarray(at, at + 4), vaOf(at)) ?? [],
  );
  const [instruction] = instructions;
  if (instruction === undefined || instructions.length < places.length) return undefined;
  const text = instructions
    .map((each) => `${each.mnemonic} ${operandText(each, () => undefined)}`.trimEnd())
    .join('; ');
  // Whatever it reads, the value ends in a register.
  return {
    instruction: { ...instruction, memory: [] },
    text,
    next: places.at(-1)! + 4,
    last: vaOf(places.at(-1)!),
  };
}

interface Half {
  readonly register: number;
  readonly isHigh: boolean;
  /** MOVZ: the rest of the register becomes 0. */
  readonly clears: boolean;
}

/** A move of one half of `value`; undefined for every other instruction. */
function halfOf(word: number, value: number): Half | undefined {
  const operation = (word >>> 23) & 0xff;
  const clears = operation === 0xa5;
  if (!clears && operation !== 0xe5) return undefined;
  const shift = (word >>> 21) & 3;
  if (shift > 1) return undefined;
  const half = shift === 1 ? value >>> 16 : value & immediateMask;
  return ((word >>> 5) & immediateMask) === half
    ? { register: word & 31, isHigh: shift === 1, clears }
    : undefined;
}
