import { Fault } from '../../base/index.ts';
import type { ImageReader, ImageSection } from '../../pe/index.ts';

/** A piece of an image. */
export interface Window {
  /** RVA. */
  readonly start: number;
  readonly length: number;
  /** Where the section begins: there may be a hole before. */
  readonly first: number;
}

/** A run of an image: RVAs of its first byte, and of the one behind it. */
export interface Part {
  readonly start: number;
  readonly end: number;
}

const windowBytes = 0x1_0000;

export const sizeOfParts = (parts: readonly Part[]): number =>
  parts.reduce((sum, { start, end }) => sum + end - start, 0);

/** No section reaches behind the image, whatever its header says. */
export const partsOf = (sections: readonly ImageSection[], size: number): Part[] =>
  sections
    .filter(({ rva }) => rva < size)
    .map((section) => ({ start: section.rva, end: Math.min(section.rva + section.size, size) }));

export function* windowsOf(parts: readonly Part[]): Generator<Window> {
  for (const { start, end } of parts)
    for (let at = start; at < end; at += windowBytes)
      yield { start: at, length: Math.min(windowBytes, end - at), first: start };
}

/** Bytes with holes. */
export interface SomeBytes {
  /** What is missing is zero. */
  readonly bytes: Uint8Array;
  /** Runs of bytes that are there. */
  readonly present: readonly (readonly [start: number, end: number])[];
}

export function readSome(image: ImageReader, rva: number, length: number): SomeBytes {
  const bytes = new Uint8Array(length);
  const present: (readonly [number, number])[] = [];
  for (let at = 0; at < length; ) {
    const read = image.tryReadRva(rva + at, length - at);
    const part = read instanceof Fault ? read.got : read;
    bytes.set(part, at);
    if (part.length > 0) present.push([at, at + part.length]);
    if (!(read instanceof Fault)) break;
    const next = image.nextReadable?.(rva + at + part.length);
    if (next === undefined || next <= rva + at + part.length) break;
    at = next - rva;
  }
  return { bytes, present };
}
