import { assert, pageSize } from '@poolscope/engine/base';
import { alignUp } from '../bytes/integers.ts';
import { checkOption } from '../check-option.ts';
import type { BuiltImage, PlacedFunction } from '../image/built-image.ts';
import type { CodePoint } from '../image/image-spec.ts';
import { ByteWriter } from './byte-writer.ts';

/** A place as symbols name it: a section, counted from 1, and an offset in it. */
export interface Place {
  readonly section: number;
  readonly offset: number;
}

/** A section when the symbols were written. */
export interface LinkedSection {
  readonly name: string;
  readonly rva: number;
  readonly size: number;
  readonly flags: number;
}

/** A stretch of the image, and where it stood when the symbols were written. Code may have grown or shrunk since. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly original: number;
  readonly originalEnd: number;
}

/** A function when the symbols were written. */
export interface LinkedProcedure {
  readonly function: PlacedFunction;
  readonly place: Place;
  readonly size: number;
  /** The functions of the image that its code is in now, itself the first. */
  readonly parts: readonly PlacedFunction[];
}

const functionAlignment = 16;

/** Bytes from a function's beginning to a point in its code. */
export const pointOffset = (placed: PlacedFunction, point: CodePoint): number =>
  typeof point === 'number' ? point : Number(placed.mark(point) - placed.address);

/**
 * The image as the linker left it: places of symbols are of that order. Images that were not reordered are as they were;
 * of others only the first section, the code, was.
 */
export class LinkOrder {
  readonly sections: readonly LinkedSection[];
  readonly procedures: readonly LinkedProcedure[];
  readonly isReordered: boolean;
  /** Ascending by `start`. */
  readonly #pieces: readonly Piece[];

  constructor(image: BuiltImage) {
    this.isReordered = image.spec.linkOrder !== undefined;
    const owners = ownersInOrder(image);
    const code = this.isReordered ? placeOwners(image, owners) : undefined;
    this.sections = linkedSections(image, code?.size);
    const moved = image.sections.map(({ rva, size }, index) => ({
      start: rva,
      end: rva + size,
      original: this.sections[index]!.rva,
      originalEnd: this.sections[index]!.rva + size,
    }));
    const pieces = code === undefined ? moved : [...code.pieces, ...moved.slice(1)];
    this.#pieces = pieces.filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start);
    this.procedures = owners.map((owner) => this.#procedure(image, owner));
  }

  /** Where a byte of the image was. */
  placeOf(rva: number): Place {
    const original = this.#originalOf(rva);
    const index = this.sections.findLastIndex((section) => section.rva <= original);
    return { section: index + 1, offset: original - this.sections[index]!.rva };
  }

  /** Where a point of one of a procedure's parts was: bytes behind the procedure's beginning. */
  offsetIn(procedure: LinkedProcedure, part: PlacedFunction, point: CodePoint): number {
    return this.placeOf(part.rva + pointOffset(part, point)).offset - procedure.place.offset;
  }

  /** Where a stretch of a part was, taken apart where it was moved in pieces; ends exclusive. */
  rangesIn(
    procedure: LinkedProcedure,
    part: PlacedFunction,
    { from, to }: { readonly from: CodePoint; readonly to: CodePoint },
  ): { start: number; end: number }[] {
    const [first, last] = [part.rva + pointOffset(part, from), part.rva + pointOffset(part, to)];
    checkOption(first < last && last <= part.rva + part.size, `${part.symbol} has no code ${from} to ${to}`);
    const base = this.#originalOf(procedure.function.rva);
    return this.#pieces
      .filter(({ start, end }) => start < last && end > first)
      .map(({ start, end, original, originalEnd }) => ({
        start: original + Math.max(first, start) - start - base,
        end: Math.min(original + Math.min(last, end) - start, originalEnd) - base,
      }))
      .filter(({ start, end }) => start < end);
  }

  /** Table of moved code, image to the order of the linker: pairs of u32, each up to the next, 0 for what is in one only. */
  omapToSource(): Uint8Array {
    return omap(this.#pieces.map(({ start, end, original }) => ({ from: start, end, to: original })));
  }

  omapFromSource(): Uint8Array {
    return omap(
      this.#pieces.map(({ start, original, originalEnd }) => ({
        from: original,
        end: originalEnd,
        to: start,
      })),
    );
  }

  #originalOf(rva: number): number {
    const piece =
      this.#pieces.find(({ start, end }) => rva >= start && rva < end) ??
      this.#pieces.find(({ end }) => rva === end);
    assert(piece !== undefined, `nothing of the image is at 0x${rva.toString(16)}`);
    return piece.original + rva - piece.start;
  }

  #procedure(image: BuiltImage, owner: PlacedFunction): LinkedProcedure {
    const parts = partsOf(image, owner);
    const size = this.isReordered ? originalSize(parts) : owner.size;
    return { function: owner, place: this.placeOf(owner.rva), size, parts };
  }
}

/** Functions that symbols name: parts of others are left out where these were one before. */
function ownersInOrder(image: BuiltImage): PlacedFunction[] {
  const { linkOrder } = image.spec;
  const all = [...image.functions];
  if (linkOrder === undefined) return all;
  for (const name of linkOrder)
    checkOption(
      isOwner(image.function(name)),
      `${name} is a part of another function: it has no place of its own`,
    );
  const first = linkOrder.map((name) => image.function(name));
  checkOption(new Set(first).size === first.length, `${image.spec.name}: a function is twice in linkOrder`);
  return [...first, ...all.filter((each) => isOwner(each) && !first.includes(each))];
}

const isOwner = ({ spec }: PlacedFunction): boolean =>
  spec.moved?.of === undefined || spec.moved.of === spec.name;

function partsOf(image: BuiltImage, owner: PlacedFunction): PlacedFunction[] {
  if (image.spec.linkOrder === undefined) return [owner];
  return [
    owner,
    ...[...image.functions].filter((each) => !isOwner(each) && each.spec.moved?.of === owner.spec.name),
  ];
}

interface Block {
  /** RVAs in the image, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** Bytes behind the beginning of the procedure that it belonged to. */
  readonly offset: number;
}

function blocksOf(placed: PlacedFunction): Block[] {
  const { moved } = placed.spec;
  if (moved === undefined) return [{ start: placed.rva, end: placed.rva + placed.size, offset: 0 }];
  const starts = moved.blocks.map(({ at }) => pointOffset(placed, at));
  const ends = [...starts.slice(1), placed.size];
  checkOption(
    starts[0] === 0 && starts.every((start, index) => start < ends[index]!),
    `blocks of ${placed.symbol} have to ascend from 0 on`,
  );
  return moved.blocks.map(({ offset }, index) => ({
    start: placed.rva + starts[index]!,
    end: placed.rva + ends[index]!,
    offset,
  }));
}

const originalSize = (parts: readonly PlacedFunction[]): number =>
  Math.max(...parts.flatMap(blocksOf).map(({ start, end, offset }) => offset + end - start));

/** Lays the functions out in the order that they had. */
function placeOwners(
  image: BuiltImage,
  owners: readonly PlacedFunction[],
): { pieces: Piece[]; size: number } {
  const base = image.sections[0]!.rva;
  const placed: Omit<Piece, 'originalEnd'>[] = [];
  let size = 0;
  for (const owner of owners) {
    const parts = partsOf(image, owner);
    const begin = alignUp(size, functionAlignment);
    for (const { start, end, offset } of parts.flatMap(blocksOf))
      placed.push({ start, end, original: base + begin + offset });
    size = begin + originalSize(parts);
  }
  placed.sort((a, b) => a.original - b.original);
  // What has grown reaches over the beginning of what followed.
  const pieces = placed.map((piece, index) => ({
    ...piece,
    originalEnd: Math.min(piece.original + piece.end - piece.start, placed[index + 1]?.original ?? Infinity),
  }));
  checkPieces(image, pieces);
  return { pieces, size };
}

/** Each piece was at a place of its own, and all code was somewhere. */
function checkPieces(image: BuiltImage, pieces: readonly Piece[]): void {
  checkOption(
    pieces.every(({ original, originalEnd }) => original < originalEnd),
    `${image.spec.name}: two pieces of code were at one place before they were moved`,
  );
  for (const placed of image.functions)
    checkOption(
      pieces.some(({ start }) => start === placed.rva),
      `${placed.symbol} is a part of no function`,
    );
}

/** Sections one behind the other; the first may have had another size. */
function linkedSections(image: BuiltImage, codeSize: number | undefined): LinkedSection[] {
  let rva = image.sections[0]!.rva;
  return image.sections.map((section, index) => {
    const size = index === 0 ? (codeSize ?? section.size) : section.size;
    const linked = { name: section.name, rva, size, flags: section.flags };
    rva += alignUp(Math.max(size, 1), pageSize);
    return linked;
  });
}

interface Moved {
  readonly from: number;
  /** Exclusive. */
  readonly end: number;
  readonly to: number;
}

/** An entry where code goes on elsewhere, and one with 0 where there is none. */
function omap(moved: readonly Moved[]): Uint8Array {
  const out = new ByteWriter();
  const ordered = moved.toSorted((a, b) => a.from - b.from);
  for (const [index, { from, end, to }] of ordered.entries()) {
    const before = ordered[index - 1];
    const goesOn = before?.end === from && to - from === before.to - before.from;
    if (!goesOn) out.u32(from, to);
    if (ordered[index + 1]?.from !== end) out.u32(end, 0);
  }
  return out.bytes();
}
