import type { Instruction, MemoryOperand } from '../../disasm/index.ts';
import { type FlowState, type FlowValue, isPlainTag, mergeValues, type Place } from './value.ts';

/** What memory of the image, and of what is looked for, an instruction may find. */
export interface FlowMemory {
  /** The tag, where a load from this place gives it. `at` is the RVA of the instruction. */
  load(at: number, place: MemoryPlace, size: number): FlowValue | undefined;
  /** The tag is put there. */
  stored(place: MemoryPlace): void;
  readonly pointerSize: 4 | 8;
  rvaOf(va: bigint): number;
  /** Is this an address in the image? */
  isInside(rva: number): boolean;
}

/** What an address is, as far as that is known. */
export type MemoryPlace =
  | { readonly kind: 'stack'; readonly offset: number }
  /** One place of the image, or one of those behind it. */
  | { readonly kind: 'image'; readonly rva: number; readonly isExact: boolean }
  /** Behind a pointer that a variable of the image holds. */
  | { readonly kind: 'field'; readonly rva: number; readonly offset: number }
  /** In something that a register points to. */
  | { readonly kind: 'member'; readonly offset: number }
  | { readonly kind: 'unknown' };

/** The register that holds the stack pointer. */
export const stackPointerOf = (machine: Instruction['machine']): string =>
  machine === 'x64' ? 'rsp' : machine === 'x86' ? 'esp' : 'sp';

/** Where a memory operand is. `next` is the RVA that a distance is counted from. */
export function placeOfMemory(
  state: FlowState,
  operand: MemoryOperand,
  from: number,
  memory: FlowMemory,
): MemoryPlace {
  const displacement = Number(operand.displacement);
  if (operand.ipRelative) return { kind: 'image', rva: from + displacement, isExact: true };
  const base = state.get(operand.base);
  const index = state.get(operand.index);
  if (operand.segment === 'fs' || operand.segment === 'gs') return { kind: 'unknown' };
  if (operand.index !== undefined) return indexedPlace(base, index, operand, displacement, memory);
  if (operand.base === undefined) return absolutePlace(operand.displacement, memory);
  const absolute =
    base === undefined && memory.pointerSize === 4 ? absolutePlace(operand.displacement, memory) : undefined;
  return absolute?.kind === 'image' ? { ...absolute, isExact: false } : placeBehind(base, displacement);
}

function placeBehind(base: FlowValue | undefined, displacement: number): MemoryPlace {
  if (base?.kind === 'stack') return { kind: 'stack', offset: base.offset + displacement };
  if (base?.kind === 'address' || base?.kind === 'table')
    return { kind: 'image', rva: base.rva + displacement, isExact: base.kind === 'address' };
  return base?.kind === 'loaded'
    ? { kind: 'field', rva: base.rva, offset: displacement }
    : { kind: 'member', offset: displacement };
}

/** An element of a table: the register that points to its start may be either one, or it is in the displacement. */
function indexedPlace(
  base: FlowValue | undefined,
  index: FlowValue | undefined,
  { scale, displacement }: MemoryOperand,
  distance: number,
  memory: FlowMemory,
): MemoryPlace {
  for (const value of scale === 1 ? [base, index] : [base])
    if (value?.kind === 'address' || value?.kind === 'table')
      return { kind: 'image', rva: value.rva + distance, isExact: false };
  const absolute = memory.pointerSize === 4 ? absolutePlace(displacement, memory) : undefined;
  return absolute?.kind === 'image' ? { ...absolute, isExact: false } : { kind: 'unknown' };
}

function absolutePlace(address: bigint, memory: FlowMemory): MemoryPlace {
  const rva = memory.rvaOf(address);
  return memory.isInside(rva) ? { kind: 'image', rva, isExact: true } : { kind: 'unknown' };
}

/** The value of the address itself. */
export function addressValue(place: MemoryPlace): FlowValue | undefined {
  if (place.kind === 'stack') return place;
  if (place.kind !== 'image') return undefined;
  return { kind: place.isExact ? 'address' : 'table', rva: place.rva };
}

/** What a load gives: the tag, what was put on the stack, or something of a variable. */
export function loadValue(
  state: FlowState,
  at: number,
  place: MemoryPlace,
  size: number,
  memory: FlowMemory,
): FlowValue | undefined {
  if (place.kind === 'stack') return state.get(place.offset);
  const tag = memory.load(at, place, size);
  if (tag !== undefined) return tag;
  if (size !== memory.pointerSize) return undefined;
  if (place.kind === 'field') return place;
  return place.kind === 'image' && place.isExact ? { kind: 'loaded', rva: place.rva } : undefined;
}

/** Puts a value into memory. */
export function storeValue(
  state: FlowState,
  place: MemoryPlace,
  value: FlowValue | undefined,
  memory: FlowMemory,
): void {
  const to = value?.kind === 'tag' ? behind(place, value.shift) : place;
  const stored = value?.kind === 'tag' ? { ...value, shift: 0 } : value;
  if (to.kind === 'stack') state.set(to.offset, stored);
  else if (isPlainTag(stored)) memory.stored(to);
}

/** The place some bytes on. */
export function behind(place: MemoryPlace, distance: number): MemoryPlace {
  if (place.kind === 'unknown') return place;
  return place.kind === 'image'
    ? { ...place, rva: place.rva + distance }
    : { ...place, offset: place.offset + distance };
}

/** The sum of an address and a number that is not known. */
export function addUnknown(a: FlowValue | undefined, b: FlowValue | undefined): FlowValue | undefined {
  for (const value of [a, b])
    if (value?.kind === 'address' || value?.kind === 'table') return { kind: 'table', rva: value.rva };
  return undefined;
}

/** The value `distance` bytes on. */
export function movedBy(value: FlowValue | undefined, distance: number): FlowValue | undefined {
  if (value?.kind === 'stack') return { kind: 'stack', offset: value.offset + distance };
  if (value?.kind === 'address' || value?.kind === 'table') return { ...value, rva: value.rva + distance };
  return distance === 0 ? value : undefined;
}

/** A move that may not happen. */
export const maybeSet = (state: FlowState, place: Place, value: FlowValue | undefined): void =>
  state.set(place, mergeValues(state.get(place), value));

/** The bytes of a value in reverse order. */
export const swapped = (value: FlowValue | undefined): FlowValue | undefined =>
  value?.kind === 'tag' ? { ...value, swapped: !value.swapped } : undefined;

/** Numbers as the listing shows them: `28h`, `0FF030201h`, `#0x10`, `9`. */
export function numberIn(text: string | undefined): number | undefined {
  const match = /^#?(-?)(?:0x([\da-f`]+)|(\d[\da-f`]*)h?)$/i.exec(text ?? '');
  if (match === null) return undefined;
  const [, sign, prefixed, plain] = match;
  const value = BigInt.asIntN(64, BigInt(`0x${(prefixed ?? plain)!.replaceAll('`', '')}`));
  return Number(sign === '-' ? -value : value);
}

/** Setting, clearing or testing the highest bit leaves a tag a tag: that bit protects it. */
export const isProtection = (number: number | undefined): boolean =>
  number === 0x8000_0000 || number === 0x7fff_ffff || number === -0x8000_0000;
