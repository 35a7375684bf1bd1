import { DebuggerError } from '../base/index.ts';

/** A piece of a C++ expression. */
export interface CppToken {
  readonly kind: 'number' | 'name' | 'register' | 'operator' | 'end';
  readonly text: string;
}

const maxLength = 4096;
const pieces =
  /\s*(?:(0x[\da-f`]+|0n\d+|\d[\d`]*)[ul]*|'((?:[^'\\]|\\.))'|(@@?!?[$\w]+)|([A-Za-z_?$][\w$?]*(?:!(?:::)?[A-Za-z_?$][\w$?:]*)?)|(->|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^~!<>()[\].,]))/iy;

export const cppError = (message: string): DebuggerError => new DebuggerError('EXPRESSION_SYNTAX', message);

/** Tokens of an expression. Numbers are decimal unless 0x stands before them, as the C++ evaluator has it. */
export function cppTokens(text: string): CppToken[] {
  if (text.length > maxLength) throw cppError('the expression is too long');
  const tokens: CppToken[] = [];
  for (let at = 0; text.slice(at).trim() !== ''; ) {
    pieces.lastIndex = at;
    const found = pieces.exec(text);
    if (found === null) throw cppError(`no expression: '${text.slice(at).trim().slice(0, 40)}'`);
    const [whole, number, letter, register, name, operator] = found;
    at += whole.length;
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (letter !== undefined)
      tokens.push({ kind: 'number', text: `${letter.charCodeAt(letter.length - 1)}` });
    else if (register !== undefined) tokens.push({ kind: 'register', text: register.replace(/^@+!?/, '') });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else tokens.push({ kind: 'operator', text: operator! });
  }
  return [...tokens, { kind: 'end', text: 'the end' }];
}

/** `0x10`, `0n16`, `16`, `020` (octal). */
export function cppNumber(text: string): bigint {
  const digits = text.replaceAll('`', '').toLowerCase();
  if (digits.startsWith('0n')) return BigInt(digits.slice(2));
  if (/^0[0-7]+$/.test(digits)) return BigInt(`0o${digits.slice(1)}`);
  if (/^0\d+$/.test(digits)) throw cppError(`no octal number: ${text}`);
  return BigInt(digits);
}
