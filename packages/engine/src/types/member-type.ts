/** Kinds of members; enumerations are integers. */
export type MemberKind =
  | 'u8'
  | 'u16'
  | 'u32'
  | 'u64'
  | 'i8'
  | 'i16'
  | 'i32'
  | 'i64'
  | 'f32'
  | 'f64'
  | 'pointer'
  | 'structure';

/** Bits of an integer: `width` bits from `position` on, 0 being the lowest. */
export interface BitField {
  readonly position: number;
  readonly width: number;
}

/** A member's type out of its text: `u32`, `i32=_POOL_TYPE`, `*_KTHREAD[4]`, `*(void)`, `_LIST_ENTRY`, `{10}`, `u16:8:8`. */
export interface MemberType {
  readonly kind: MemberKind;
  /** Bytes of one element; undefined for a structure whose size is not told here. */
  readonly elementSize: number | undefined;
  /** Array dimensions, the outer first; empty for a single value. */
  readonly dimensions: readonly number[];
  /** Name of the structure; undefined for one without a name. */
  readonly structure: string | undefined;
  /** What a pointer points to: a structure's name, `void`, `*...` or an integer kind. */
  readonly target: string | undefined;
  /** Of a pointer to a function, what it returns in the words of C; empty where that is not known. */
  readonly returns: string | undefined;
  /** Name of the enumeration that an integer is of. */
  readonly enumeration: string | undefined;
  readonly bits: BitField | undefined;
}

const shape = /^(\*?)(\{[0-9a-f]+\}|\([\w.*]*\)|\**\w+)(?:=(\w+))?((?:\[\d+\])*)(?::(\d+):(\d+))?$/;
const scalar = /^[uif](8|16|32|64)$/;

/** The type that a text of the profiles describes; undefined when it is none. */
export function parseMemberType(text: string, pointerSize: 4 | 8): MemberType | undefined {
  const [, star, name = '', enumeration, arrays = '', position, width] = shape.exec(text) ?? [];
  const isFunction = name.startsWith('(');
  if (star === undefined || (isFunction && star === '')) return undefined;
  return {
    ...element(star === '*', isFunction ? 'void' : name, pointerSize),
    returns: isFunction ? name.slice(1, -1).replaceAll('.', ' ') : undefined,
    enumeration,
    dimensions: [...arrays.matchAll(/\d+/g)].map(([count]) => Number(count)),
    bits: position === undefined ? undefined : { position: Number(position), width: Number(width) },
  };
}

function element(
  isPointer: boolean,
  name: string,
  pointerSize: 4 | 8,
): Pick<MemberType, 'kind' | 'elementSize' | 'structure' | 'target'> {
  if (isPointer) return { kind: 'pointer', elementSize: pointerSize, structure: undefined, target: name };
  const bits = scalar.exec(name)?.[1];
  if (bits !== undefined)
    return {
      kind: name as MemberKind,
      elementSize: Number(bits) / 8,
      structure: undefined,
      target: undefined,
    };
  const isUnnamed = name.startsWith('{');
  return {
    kind: 'structure',
    elementSize: isUnnamed ? Number.parseInt(name.slice(1, -1), 16) : undefined,
    structure: isUnnamed ? undefined : name,
    target: undefined,
  };
}
