import { syntaxError } from './expression-error.ts';

const prefixes: Readonly<Record<string, number>> = { x: 16, n: 10, t: 8, y: 2 };
const prefixed = /0(?:x[0-9a-f`]*|n[0-9`]*|t[0-7`]*|y[01`]*)/iy;
/** No name goes on behind a number; but `L` may follow, as in `1000L8`. */
const behind = '(?![0-9a-km-z_$@?]|l[a-z_]|!(?!=)|::)';
/** A word of hexadecimal digits, `fffff800\`00001000` or `1fh`: one of letters alone may be the beginning of a name. */
const hexadecimal = new RegExp(
  `(?:(?=[a-f]*[0-9\`])[0-9a-f][0-9a-f\`]*h?${behind}|[a-f]+h?(?![\\w$@?]|!(?!=)|::))`,
  'iy',
);
const suffixed = new RegExp(`[0-9a-f][0-9a-f\`]*h${behind}`, 'iy');
const decimal = new RegExp(`[0-9][0-9\`]*${behind}`, 'iy');
const octal = new RegExp(`[0-7][0-7\`]*${behind}`, 'iy');
const goesOn = new RegExp(behind, 'iy');

/**
 * The number at a place of an expression; undefined when something else is there. Without a prefix it is read in `radix`;
 * an h at the end makes it hexadecimal. A prefix without digits is 0. Throws EXPRESSION_SYNTAX for a digit that does not
 * belong to the base, and for more than 64 bits.
 */
export function readNumber(
  source: string,
  at: number,
  radix: number,
): { readonly value: bigint; readonly end: number } | undefined {
  const digits = match(prefixed, source, at);
  if (digits !== undefined && match(goesOn, source, at + digits.length) !== undefined)
    return {
      value: valueOf(digits.slice(2), prefixes[digits[1]!.toLowerCase()]!, source, at),
      end: at + digits.length,
    };
  if (digits === undefined) {
    const plain = radix === 16 ? match(hexadecimal, source, at) : matchInRadix(source, at, radix);
    if (plain !== undefined) {
      const bare = plain.replace(/h$/i, '');
      const base = bare === plain ? radix : 16;
      return { value: valueOf(bare, base, source, at), end: at + plain.length };
    }
  }
  if (/[0-9]/.test(source[at]!)) throw syntaxError('Syntax', source, at);
  return undefined;
}

const matchInRadix = (source: string, at: number, radix: number): string | undefined =>
  match(suffixed, source, at) ?? match(radix === 8 ? octal : decimal, source, at);

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}

function valueOf(digits: string, base: number, source: string, at: number): bigint {
  let value = 0n;
  for (const digit of digits) {
    if (digit === '`') continue;
    value = value * BigInt(base) + BigInt(Number.parseInt(digit, base));
    if (value >> 64n !== 0n) throw syntaxError('Overflow', source, at);
  }
  return value;
}
