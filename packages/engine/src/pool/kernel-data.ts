import { Fault, pageSize, readU32, readU64, signExtend32, type Va, wrap64 } from '../base/index.ts';
import { ImageProblem, MappedImage, readImageHeaders } from '../pe/index.ts';
import type { Module, ObjectKernel } from '../windows/index.ts';

/** What searches of the kernel's variables need of the system. */
export interface SearchedKernel extends ObjectKernel {
  readonly modules: readonly Pick<Module, 'name' | 'base' | 'size'>[];
}

/** A page of nt's variables; its bytes end where the dump has no more. */
export interface DataPage {
  readonly at: Va;
  readonly bytes: Uint8Array;
}

/** No kernel image is larger. */
const largestImage = 0x400_0000;

/**
 * Pages of nt that may hold variables: of its writable sections, and all of it where the section headers are not in the
 * dump. Missing pages are left out.
 */
export function* kernelData({ modules, target }: SearchedKernel): Generator<DataPage> {
  const nt = modules.find(({ name }) => name === 'nt');
  if (nt === undefined) return;
  for (const { rva, size } of writableParts(target.memory, nt)) {
    for (let offset = 0; offset < size; ) {
      const at = wrap64(nt.base + BigInt(rva + offset));
      const read = target.memory.tryRead(at, Math.min(pageSize, size - offset));
      const bytes = read instanceof Fault ? read.got : read;
      if (bytes.length > 0) yield { at, bytes };
      offset += bytes.length > 0 ? pageSize : pagesToNext(target.memory, at) * pageSize;
    }
  }
}

/** Pages from a missing one to the next that may be there; Infinity when none is. */
function pagesToNext(memory: SearchedKernel['target']['memory'], at: Va): number {
  const next = memory.nextCandidate(at);
  return next === undefined ? Infinity : Math.max(1, Math.floor(Number(next - at) / pageSize));
}

interface Part {
  readonly rva: number;
  readonly size: number;
}

function writableParts(
  memory: SearchedKernel['target']['memory'],
  { base, size }: Pick<Module, 'base' | 'size'>,
): Part[] {
  const bound = Math.min(size, largestImage);
  const headers = readImageHeaders(new MappedImage(memory, base, size));
  if (headers instanceof ImageProblem || headers.missingSections > 0) return [{ rva: 0, size: bound }];
  return headers.sections
    .filter(({ writable, rva }) => writable && rva < bound)
    .map((section) => ({ rva: section.rva, size: Math.min(section.size, bound - section.rva) }));
}

/** Page-aligned addresses of the kernel's half in a page of variables, with their places; tested by their bytes alone. */
export function* alignedPointers(
  { bytes }: DataPage,
  pointerSize: 4 | 8,
): Generator<{ offset: number; to: Va }> {
  for (let offset = 0; offset + pointerSize <= bytes.length; offset += pointerSize) {
    const isAligned = bytes[offset] === 0 && (bytes[offset + 1]! & 0xf) === 0;
    if (!isAligned || bytes[offset + pointerSize - 1]! < 0x80) continue;
    if (pointerSize === 8 && bytes[offset + 6] !== 0xff) continue;
    yield { offset, to: pointerSize === 8 ? readU64(bytes, offset) : signExtend32(readU32(bytes, offset)) };
  }
}

/** How far from a pointer to a table the variable with its size may be: up to 0x30 bytes in nearly all kernels at hand. */
const sizeWithin = 0x100;

/** Numbers next to a variable that can be the size of its table in entries, the largest first. */
export function sizesNear({ target }: SearchedKernel, variable: Va, fewest: number, most: number): number[] {
  const sizes = new Set<number>();
  for (let distance = -sizeWithin; distance <= sizeWithin; distance += 4) {
    const value = target.readU32(wrap64(variable + BigInt(distance)));
    if (value !== undefined && value >= fewest && value <= most && value % fewest === 0) sizes.add(value);
  }
  return [...sizes].sort((a, b) => b - a);
}
