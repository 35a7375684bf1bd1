import { readU32 } from '../base/index.ts';
import type { ImageSection } from '../pe/index.ts';
import type { TagCode } from './tag-code.ts';

/** Places with the tag that are looked at, and references to them. */
const [mostPlaces, mostReferences] = [64, 256];
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
  const lowest = new Set([...values].map((value) => value & 0xff));
  const first = (wordSize - (start % wordSize)) % wordSize;
  for (let at = first; at + wordSize <= bytes.length && found.length < mostPlaces; at += wordSize)
    if (lowest.has(bytes[at]!) && values.has(readU32(bytes, at))) found.push(start + at);
  return found;
}

/** What a reference may lead to: one of these places, or up to `reach` bytes before it. */
export interface Referenced {
  readonly places: readonly number[];
  readonly reach: number;
}

/** RVAs of code that seems to name one of these places: by distance, by address, or by RVA. */
export function findReferences(
  code: TagCode,
  bytes: Uint8Array,
  start: number,
  { places, reach }: Referenced,
): number[] {
  const { machine } = code.disassembler;
  const [first, last] = [Math.min(...places) - reach, Math.max(...places)];
  const isMeant = (rva: number): boolean => places.some((place) => rva <= place && rva >= place - reach);
  const found: number[] = [];
  const add = (rva: number, at: number): void => {
    if (isMeant(rva)) found.push(start + at);
  };
  if (machine === 'arm64') {
    const [firstPage, lastPage] = [first >> 12, last >> 12];
    for (let at = (wordSize - (start % wordSize)) % wordSize; at + wordSize <= bytes.length; at += wordSize) {
      const word = readU32(bytes, at);
      if ((word & 0x9f00_0000) >>> 0 !== 0x9000_0000) continue;
      const page = ((start + at) >> 12) + ((((word << 8) >> 13) << 2) | ((word >>> 29) & 3));
      if (page >= firstPage && page <= lastPage) found.push(start + at);
    }
    return found.slice(0, mostReferences);
  }
  const base = Number(BigInt.asUintN(32, code.base));
  for (let at = 0; at + wordSize <= bytes.length && found.length < mostReferences; at++) {
    const value = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    if (machine === 'x64') {
      const near = value + start + at + wordSize;
      if (near >= first && near <= last) add(near, at);
      else if (value >= first && value <= last) add(value, at);
    } else {
      const rva = (value >>> 0) - base;
      if (rva >= first && rva <= last) add(rva, at);
    }
  }
  return found;
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
