import { DebuggerError } from '../base/index.ts';

export type Token =
  | { readonly kind: 'number'; readonly text: string; readonly value: bigint }
  /** A name: register with @, pseudo register with $, symbol, word operator, or a bare word that may be hexadecimal. */
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'operator'; readonly text: string };

const operators = [
  '>>>',
  '<<',
  '>>',
  '<=',
  '>=',
  '!=',
  '==',
  '+',
  '-',
  '*',
  '/',
  '%',
  '&',
  '^',
  '|',
  '<',
  '>',
  '=',
  '(',
  ')',
  '~',
];
const namePattern = /^(?:@?[$.]?[A-Za-z_?$][\w$?@~]*(?:![\w$?@~.:]+)?|@[\w$]+|\.)/;

/** Cuts an expression of the debugger's MASM syntax into tokens; numbers are read in `radix` unless prefixed. */
export function tokenize(text: string, radix: number): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const space = /^\s+/.exec(rest);
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    const token = readNumber(rest, radix) ?? readName(rest) ?? readOperator(rest);
    if (token === undefined)
      throw new DebuggerError('EXPRESSION_SYNTAX', `unexpected '${rest[0]}' in '${text.trim()}'`);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

const prefixes: Readonly<Record<string, number>> = { '0x': 16, '0n': 10, '0t': 8, '0y': 2 };
const digitsOf: Readonly<Record<number, RegExp>> = {
  16: /^[0-9a-f`]+/i,
  10: /^[0-9`]+/,
  8: /^[0-7`]+/,
  2: /^[01`]+/,
};

/** Text that can only be a number: it starts with a digit or holds a `. Other words of hexadecimal digits may be symbols. */
function readNumber(rest: string, radix: number): Token | undefined {
  const prefix = prefixes[rest.slice(0, 2).toLowerCase()];
  const base = prefix ?? radix;
  const skip = prefix === undefined ? 0 : 2;
  const digits = digitsOf[base]?.exec(rest.slice(skip))?.[0];
  if (digits === undefined || digits.startsWith('`')) return undefined;
  if (prefix === undefined && !/^[0-9]/.test(digits) && !digits.includes('`')) return undefined;
  let text = rest.slice(0, skip + digits.length);
  const suffix = prefix === undefined && base === 16 && /^h(?![\w])/i.test(rest.slice(text.length));
  if (/^(?:[\w$@?]|!(?!=))/.test(rest.slice(text.length + (suffix ? 1 : 0)))) {
    throw new DebuggerError(
      'EXPRESSION_SYNTAX',
      `'${/^[\w`$@?!]+/.exec(rest)?.[0] ?? rest}' is not a number in base ${base}`,
    );
  }
  const value = parseDigits(digits, base);
  if (suffix) text += rest[text.length]!;
  return { kind: 'number', text, value };
}

/** Value of digits in a base; EXPRESSION_SYNTAX when it has more than 64 bits. */
export function parseDigits(digits: string, base: number): bigint {
  let value = 0n;
  for (const digit of digits) {
    if (digit !== '`') value = value * BigInt(base) + BigInt(Number.parseInt(digit, base));
  }
  if (value >> 64n !== 0n) throw new DebuggerError('EXPRESSION_SYNTAX', `'${digits}' has more than 64 bits`);
  return value;
}

function readName(rest: string): Token | undefined {
  const text = namePattern.exec(rest)?.[0];
  return text === undefined ? undefined : { kind: 'name', text };
}

function readOperator(rest: string): Token | undefined {
  const text = operators.find((operator) => rest.startsWith(operator));
  return text === undefined ? undefined : { kind: 'operator', text };
}
