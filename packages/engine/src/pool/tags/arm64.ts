import { readU32 } from '../../base/index.ts';
import { operandText } from '../../disasm/index.ts';
import { type ReadCode, reversedBytes, type TaggedInstruction } from './call.ts';

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
    const place = placeInLiteral(code, at, word, value);
    if (place !== undefined) found.push(...textOf(code, [at], place));
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

/** LDR (literal) by its highest byte, and the bytes that it loads: W, X, S, D, Q. */
const literalSizes: ReadonlyMap<number, number> = new Map([
  [0x18, 4],
  [0x58, 8],
  [0x1c, 4],
  [0x5c, 8],
  [0x9c, 16],
]);

/** Where in the literal that an instruction loads the value is, in bytes; the literal is up to 2^18 words away. */
function placeInLiteral(code: ReadCode, at: number, word: number, value: number): number | undefined {
  const size = literalSizes.get(word >>> 24);
  if (size === undefined) return undefined;
  const target = at + ((word << 8) >> 13) * 4;
  for (let place = 0; place < size; place += 4) if (wordIn(code, target + place) === value) return place;
  return undefined;
}

function wordIn({ bytes, image, vaOf, module }: ReadCode, at: number): number | undefined {
  if (at >= 0 && at + 4 <= bytes.length) return readU32(bytes, at);
  const rva = Number(vaOf(at) - module.base);
  const read = rva < 0 ? undefined : image.tryReadRva(rva, 4);
  return read instanceof Uint8Array ? readU32(read, 0) : undefined;
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
