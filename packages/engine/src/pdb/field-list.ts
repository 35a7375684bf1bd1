import { readU16, readU32 } from '../base/index.ts';
import { readNumericLeaf } from './numeric-leaf.ts';
import { nameAt } from './symbol-record.ts';
import { leaf } from './type-leaf.ts';
import type { TypeStream } from './type-stream.ts';

/** A member of a structure, a base class, or a value of an enumeration. */
export type Field = MemberField | { readonly kind: 'value'; readonly name: string; readonly value: bigint };

export interface MemberField {
  readonly kind: 'member' | 'base';
  /** Empty for bases. */
  readonly name: string;
  /** Index of its type. */
  readonly type: number;
  /** Bytes from the structure's beginning. */
  readonly offset: number;
}

/** Continuations of one list; a circle ends there. */
const maxLists = 1000;

/** Fields of a list and its continuations; what is damaged or of an unknown kind ends it. */
export function* walkFields(types: TypeStream, first: number): Generator<Field> {
  const seen = new Set<number>();
  for (let list: number | undefined = first; list !== undefined && seen.size < maxLists; ) {
    if (seen.has(list)) return;
    seen.add(list);
    const record = types.record(list);
    if (record === undefined || record.leaf !== leaf.LF_FIELDLIST) return;
    list = yield* walkRecord(record.bytes);
  }
}

/** Fields of one record; returns the index of its continuation. */
function* walkRecord(bytes: Uint8Array): Generator<Field, number | undefined> {
  let next: number | undefined;
  for (let at = 0; at + 4 <= bytes.length; ) {
    const kind = readU16(bytes, at);
    if (kind === leaf.LF_INDEX) {
      next = at + 8 <= bytes.length ? readU32(bytes, at + 4) : undefined;
      at += 8;
      continue;
    }
    const field = readField(bytes, at, kind);
    if (field === undefined) return next;
    if (field.field !== undefined) yield field.field;
    at = skipPadding(bytes, field.end);
  }
  return next;
}

/** Bytes 0xF1 to 0xFF say how far the next field is. */
const skipPadding = (bytes: Uint8Array, at: number): number =>
  at < bytes.length && bytes[at]! > 0xf0 ? at + (bytes[at]! & 0xf) : at;

interface ReadField {
  readonly field?: Field;
  readonly end: number;
}

function readField(bytes: Uint8Array, at: number, kind: number): ReadField | undefined {
  switch (kind) {
    case leaf.LF_MEMBER:
      return numbered(bytes, at, 'member', true);
    case leaf.LF_BCLASS:
      return numbered(bytes, at, 'base', false);
    case leaf.LF_ENUMERATE:
      return value(bytes, at);
    case leaf.LF_STMEMBER:
    case leaf.LF_METHOD:
    case leaf.LF_NESTTYPE:
      return named(bytes, at + 8);
    case leaf.LF_ONEMETHOD:
      return named(bytes, at + (introducesVirtual(readU16(bytes, at + 2)) ? 12 : 8));
    case leaf.LF_VFUNCTAB:
      return { end: at + 8 };
    case leaf.LF_VBCLASS:
    case leaf.LF_IVBCLASS:
      return virtualBase(bytes, at + 12);
    default:
      return undefined;
  }
}

/** Virtual methods that are new in their class carry their place in its table. */
const introducesVirtual = (attributes: number): boolean => [4, 6].includes((attributes >>> 2) & 7);

function numbered(
  bytes: Uint8Array,
  at: number,
  kind: MemberField['kind'],
  hasName: boolean,
): ReadField | undefined {
  const offset = readNumericLeaf(bytes, at + 8);
  if (offset === undefined) return undefined;
  const text = hasName ? textAt(bytes, offset.end) : { name: '', end: offset.end };
  return {
    field: { kind, name: text.name, type: readU32(bytes, at + 4), offset: Number(offset.value) },
    end: text.end,
  };
}

function value(bytes: Uint8Array, at: number): ReadField | undefined {
  const number = readNumericLeaf(bytes, at + 4);
  if (number === undefined) return undefined;
  const text = textAt(bytes, number.end);
  return { field: { kind: 'value', name: text.name, value: number.value }, end: text.end };
}

const named = (bytes: Uint8Array, at: number): ReadField => ({ end: textAt(bytes, at).end });

function virtualBase(bytes: Uint8Array, at: number): ReadField | undefined {
  const first = readNumericLeaf(bytes, at);
  const second = first === undefined ? undefined : readNumericLeaf(bytes, first.end);
  return second === undefined ? undefined : { end: second.end };
}

function textAt(bytes: Uint8Array, at: number): { name: string; end: number } {
  const name = nameAt(bytes, at, bytes.length);
  const stop = bytes.indexOf(0, at);
  return { name, end: stop < 0 ? bytes.length : stop + 1 };
}
