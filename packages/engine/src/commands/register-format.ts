import { padHex } from '../base/index.ts';
import { doubleText, extendedText, floatText } from './float-text.ts';

/** How `r xmm0:16ub` shows a register: elements of a type. */
export interface RegisterFormat {
  /** At most so many elements, from the low end; undefined: all. */
  readonly count: number | undefined;
  readonly type: 'i' | 'u' | 'f';
  /** Bits of an element. */
  readonly bits: number;
}

const sizes: Readonly<Record<string, number>> = { b: 8, w: 16, d: 32, q: 64 };

/** Reads what stands behind the colon: `uw`, `16ub`, `f`, `d`; undefined when it is none of the debugger's types. */
export function parseRegisterFormat(text: string): RegisterFormat | undefined {
  const [, number, type, size] = /^(\d{1,2})?(?:([iu])([bwdq])|[fd])$/.exec(text) ?? [];
  if (number === undefined && !/^(?:[iu][bwdq]|[fd])$/.test(text)) return undefined;
  const count = number === undefined ? undefined : Number(number);
  if (type === 'i' || type === 'u') return { count, type, bits: sizes[size!]! };
  return { count, type: 'f', bits: text.endsWith('d') ? 64 : 32 };
}

/** The elements of a register from the high end on, as the debugger lists them. */
export function formattedElements(
  value: bigint,
  bits: number,
  { count, type, bits: size }: RegisterFormat,
): string {
  const all = Math.max(1, Math.floor(bits / size));
  const shown = Math.min(count ?? all, all);
  const elements = Array.from({ length: shown }, (_, index) =>
    BigInt.asUintN(size, value >> BigInt((shown - 1 - index) * size)),
  );
  return elements.map((element) => elementText(element, type, size)).join(' ');
}

function elementText(element: bigint, type: RegisterFormat['type'], bits: number): string {
  if (type === 'i') return BigInt.asIntN(bits, element).toString();
  if (type === 'u') return padHex(element, bits / 4);
  return bits === 64 ? doubleText(element) : floatText(Number(element));
}

const single: RegisterFormat = { count: undefined, type: 'f', bits: 32 };

/** Widest text of a float: `-1.05612e-038`, without a sign. */
const floatWidth = 12;

/** A register by its width where no format is asked for: vectors as floats, x87 registers as a number and their bits. */
export function registerText(value: bigint | undefined, bits: number): string {
  if (value === undefined) return '?'.repeat(Math.ceil(bits / 4));
  if (bits === 128)
    return formattedElements(value, bits, single)
      .split(' ')
      .map((text) => text.padStart(floatWidth))
      .join(' ');
  if (bits === 80)
    return `${extendedText(value)} (${(value >> 64n).toString(16)}:${padHex(BigInt.asUintN(64, value), 16)})`;
  return padHex(BigInt.asUintN(bits, value), Math.ceil(bits / 4));
}

/** Four floats without columns, as lists of vector registers show them. */
export const vectorText = (value: bigint): string => formattedElements(value, 128, single);
