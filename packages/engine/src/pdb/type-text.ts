/**
 * A type in the words of C++: what stands left and right of the place where a star or a name goes. Functions and arrays
 * put their star into parentheses.
 */
export interface TypeText {
  readonly left: string;
  readonly right: string;
  /** Set for functions and arrays: what stands in the parentheses before the star, such as `__cdecl`. */
  readonly wrap: string | undefined;
  /** A pointer to a function or an array: further stars join the first. */
  readonly isWrapped: boolean;
  readonly isPointer: boolean;
}

export const plainType = (left: string): TypeText => ({
  left,
  right: '',
  wrap: undefined,
  isWrapped: false,
  isPointer: false,
});

export function textOfType({ left, right, wrap }: TypeText): string {
  if (wrap === undefined) return left + right;
  const gap = left === '' || wrap === '' ? '' : ' ';
  return wrap === '' ? `${left} ${right}` : `${left}${gap}${wrap}${right}`;
}

/** `star`: `*`, `&` or `&&`, behind the class of pointers to members. */
export function pointerTo(target: TypeText, star: string, qualifier: string): TypeText {
  const mark = `${star}${qualifier}`;
  if (target.wrap === undefined) {
    const gap = target.isWrapped ? '' : ' ';
    return { ...target, left: `${target.left}${gap}${mark}`, isPointer: true };
  }
  const gap = star.length > 2 && target.wrap !== '' ? ' ' : '';
  return {
    left: `${target.left} (${target.wrap}${gap}${mark}`,
    right: `)${target.right}`,
    wrap: undefined,
    isWrapped: true,
    isPointer: true,
  };
}

/** Pointers may carry their qualifier already. */
export function qualify(type: TypeText, qualifier: string): TypeText {
  if (qualifier === '' || (type.isPointer && type.left.endsWith(qualifier))) return type;
  return { ...type, left: type.left + qualifier };
}
