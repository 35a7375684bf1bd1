import { readU32 } from '../base/index.ts';
import { operandText } from '../disasm/index.ts';
import { type ReadCode, reversedBytes, type TaggedInstruction } from './tag-call.ts';

/** Instructions between the two halves of a value. */
const mostBetween = 12;
const immediateMask = 0xffff;

/**
 * Values of 32 bits in arm64 code: built of two halves, one by MOVZ or MOVK and the other by MOVK in any order, or loaded from
 * between functions (LDR literal). They may be one half of a value of 64 bits. Source: the Arm architecture's encodings.
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
    if (loadsLiteral(code, at, word, value)) found.push(...textOf(code, [at], 0));
    else if (isMoveOfHalf(word)) found.push(...valuesAt(code, at, word, value));
  }
  return found;
}

/** Values in reverse order of bytes, with an instruction soon behind that turns one round (REV). */
export function findSwappedArm64Values(
  code: ReadCode,
  value: number,
  isInside: (at: number) => boolean,
): TaggedInstruction[] {
  return findArm64Values(code, reversedBytes(value), isInside)
    .filter(({ next, shift }) => shift === 0 && isTurnedAfter(code.bytes, next))
    .map((each) => ({ ...each, isSwapped: true }));
}

function isTurnedAfter(bytes: Uint8Array, start: number): boolean {
  for (let at = start; at < start + 4 * mostBetween && at + 4 <= bytes.length; at += 4)
    if ((readU32(bytes, at) & 0xffff_fc00) >>> 0 === 0x5ac0_0800) return true;
  return false;
}

/** MOVZ or MOVK. */
const isMoveOfHalf = (word: number): boolean => (word & 0x5f80_0000) === 0x5280_0000;

function* valuesAt(code: ReadCode, at: number, word: number, value: number): Generator<TaggedInstruction> {
  for (const shift of [0, 4]) {
    const places = halvesAt(code.bytes, at, word, value, shift);
    if (places.length > 0) yield* textOf(code, places, shift);
  }
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
function halvesAt(bytes: Uint8Array, at: number, word: number, value: number, shift: number): number[] {
  const first = halfOf(word);
  const upper = shift / 2;
  if (first === undefined || !isPartOf(first, value, upper)) return [];
  // The value of 32 bits begins with the move that clears the rest.
  if (shift === 0 && !first.clears) return [];
  for (let next = at + 4; next <= at + 4 * mostBetween && next + 4 <= bytes.length; next += 4) {
    const second = halfOf(readU32(bytes, next));
    if (second === undefined || second.register !== first.register) continue;
    if (second.clears) return [];
    if (isPartOf(second, value, upper) && second.place !== first.place) return [at, next];
  }
  return [];
}

/** Is it the part of the value that its place says? `from`: the place of the lower half. */
const isPartOf = ({ place, bits }: Half, value: number, from: number): boolean =>
  (place === from && bits === (value & immediateMask)) || (place === from + 1 && bits === value >>> 16);

function* textOf(
  { disassembler, bytes, vaOf }: ReadCode,
  places: readonly number[],
  shift: number,
): Generator<TaggedInstruction> {
  const instructions = places.flatMap(
    (at) => disassembler.decode(bytes.subarray(at, at + 4), vaOf(at)) ?? [],
  );
  const [instruction] = instructions;
  if (instruction === undefined || instructions.length < places.length) return;
  const text = instructions
    .map((each) => `${each.mnemonic} ${operandText(each, () => undefined)}`.trimEnd())
    .join('; ');
  const last = places.at(-1)!;
  // Whatever it reads, the value ends in a register.
  yield { instruction: { ...instruction, memory: [] }, text, next: last + 4, last: vaOf(last), shift };
}

interface Half {
  readonly register: number;
  /** Which 16 bits, counted from the lowest. */
  readonly place: number;
  readonly bits: number;
  /** MOVZ: the rest of the register becomes 0. */
  readonly clears: boolean;
}

/** A move of 16 bits; undefined for every other instruction. */
function halfOf(word: number): Half | undefined {
  if (!isMoveOfHalf(word)) return undefined;
  const operation = (word >>> 29) & 3;
  return {
    register: word & 31,
    place: (word >>> 21) & 3,
    bits: (word >>> 5) & immediateMask,
    clears: operation === 2,
  };
}
