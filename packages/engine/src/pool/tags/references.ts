import { readU32 } from '../../base/index.ts';
import type { ImageSection } from '../../pe/index.ts';
import type { TagCode } from './code.ts';

/** Places with the tag that are looked at, and references to them. */
const mostPlaces = 64;
export const mostReferences = 256;
const wordSize = 4;
/** Sections with nothing that code reads. */
const withoutVariables = /^\.(?:rsrc|reloc|pdata|xdata|edata)$/;

/** Sections that may hold variables and constants of the image. */
export const dataSections = (sections: readonly ImageSection[]): readonly ImageSection[] =>
  sections.filter(
    ({ executable, discardable, name }) => !executable && !discardable && !withoutVariables.test(name),
  );

/** RVAs of aligned words with one of these values. `start` is the RVA of the first byte. */
export function findWords(bytes: Uint8Array, start: number, values: ReadonlySet<number>): number[] {
  const found: number[] = [];
  for (const low of new Set([...values].map((value) => value & 0xff)))
    for (
      let at = bytes.indexOf(low);
      at >= 0 && at + wordSize <= bytes.length;
      at = bytes.indexOf(low, at + 1)
    ) {
      if ((start + at) % wordSize !== 0 || !values.has(readU32(bytes, at))) continue;
      found.push(start + at);
      if (found.length >= mostPlaces) return found;
    }
  return found;
}

/** What a reference may lead to: one of these places, or up to `reach` bytes before it. */
export interface Referenced {
  readonly places: readonly number[];
  readonly reach: number;
}

/** Code that seems to name a place. */
export interface Reference {
  /** RVA of the code; inside of an instruction. */
  readonly at: number;
  /** RVA that it names. */
  readonly target: number;
}

/** Code that seems to name one of these places: by distance, by address, or by RVA. */
export function findReferences(
  code: TagCode,
  bytes: Uint8Array,
  start: number,
  { places, reach }: Referenced,
): Reference[] {
  const [first, last] = [Math.min(...places) - reach, Math.max(...places)];
  const found: Reference[] = [];
  for (const reference of referencesIn(code, bytes, start, first, last)) {
    const { target } = reference;
    if (places.some((place) => target <= place && target >= place - reach)) found.push(reference);
    if (found.length >= mostReferences) break;
  }
  return found;
}

function referencesIn(
  code: TagCode,
  bytes: Uint8Array,
  start: number,
  first: number,
  last: number,
): Iterable<Reference> {
  const { machine } = code.disassembler;
  if (machine === 'arm64') return referencesOfPages(bytes, start, first, last);
  return machine === 'x64'
    ? referencesByDistance(bytes, start, first, last)
    : referencesByAddress(bytes, start, first, last, Number(BigInt.asUintN(32, code.base)));
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);

function* referencesByDistance(
  bytes: Uint8Array,
  start: number,
  first: number,
  last: number,
): Generator<Reference> {
  for (let at = 2; at + wordSize <= bytes.length; at++) {
    const before = bytes[at - 1]!;
    if (isDistance(before)) {
      const target = wordAt(bytes, at) + start + at + wordSize;
      if (target >= first && target <= last) yield { at: start + at, target };
    } else if (isDisplacement(before, bytes[at - 2]!)) {
      const target = wordAt(bytes, at);
      if (target >= first && target <= last) yield { at: start + at, target };
    }
  }
}

/** Does the byte before say that four bytes follow, counted from the next instruction (ModRM)? */
const isDistance = (before: number): boolean => (before & 0xc7) === 0x05;

/** Does it say that they are added to registers (ModRM, or SIB behind it)? */
const isDisplacement = (before: number, second: number): boolean =>
  (before & 0xc0) === 0x80 || (second & 0xc7) === 0x84;

function* referencesByAddress(
  bytes: Uint8Array,
  start: number,
  first: number,
  last: number,
  base: number,
): Generator<Reference> {
  for (let at = 0; at + wordSize <= bytes.length; at++) {
    const target = (wordAt(bytes, at) >>> 0) - base;
    if (target >= first && target <= last) yield { at: start + at, target };
  }
}

/** Instructions behind the one with the page in which the rest of the address follows. */
const restWithin = 8;

/** ADRP and, behind it, an ADD, a load or a store with the same register. Source: the Arm architecture's encodings. */
function* referencesOfPages(
  bytes: Uint8Array,
  start: number,
  first: number,
  last: number,
): Generator<Reference> {
  for (let at = (wordSize - (start % wordSize)) % wordSize; at + wordSize <= bytes.length; at += wordSize) {
    const word = readU32(bytes, at);
    if ((word & 0x9f00_0000) >>> 0 !== 0x9000_0000) continue;
    const page = ((start + at) >> 12) + ((((word << 8) >> 13) << 2) | ((word >>> 29) & 3));
    const register = word & 31;
    if (page < first >> 12 || page > last >> 12) continue;
    for (
      let next = at + wordSize;
      next <= at + restWithin * wordSize && next + wordSize <= bytes.length;
      next += wordSize
    ) {
      const behind = readU32(bytes, next);
      const rest = restOf(behind, register);
      if (rest !== undefined) yield { at: start + next, target: page * 0x1000 + rest };
      if ((behind & 31) === register) break;
    }
  }
}

/** What an instruction adds to a register: ADD with a number, or a load or store with one. */
function restOf(word: number, register: number): number | undefined {
  if (((word >>> 5) & 31) !== register) return undefined;
  const number = (word >>> 10) & 0xfff;
  if ((word & 0xffc0_0000) >>> 0 === 0x9100_0000) return number;
  return (word & 0x3b00_0000) >>> 0 === 0x3900_0000 ? number << (word >>> 30) : undefined;
}

/** Places of direct calls to one of these functions. */
export function findCalls(
  code: TagCode,
  bytes: Uint8Array,
  start: number,
  targets: ReadonlySet<number>,
): number[] {
  const found: number[] = [];
  if (code.disassembler.machine === 'arm64') {
    for (let at = (wordSize - (start % wordSize)) % wordSize; at + wordSize <= bytes.length; at += wordSize) {
      const word = readU32(bytes, at);
      if (word >>> 26 === 0x25 && targets.has(start + at + ((word << 6) >> 6) * wordSize))
        found.push(start + at);
    }
    return found.slice(0, mostReferences);
  }
  for (let at = bytes.indexOf(0xe8); at >= 0 && at + 5 <= bytes.length; at = bytes.indexOf(0xe8, at + 1)) {
    const distance = readU32(bytes, at + 1) | 0;
    if (targets.has(start + at + 5 + distance)) found.push(start + at);
    if (found.length >= mostReferences) break;
  }
  return found;
}
