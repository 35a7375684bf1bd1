import { DebuggerError } from '../base/index.ts';

/** A piece of a C++ expression. */
export interface CppToken {
  /** `macro`: a name behind #, without it; `masm`: an expression of the other evaluator. */
  readonly kind: 'number' | 'name' | 'register' | 'operator' | 'macro' | 'masm' | 'end';
  readonly text: string;
}

const maxLength = 4096;
/** Changes of the evaluator in each other. */
const maxOthers = 16;
const pieces =
  /\s*(?:#([A-Z_]+)|(0x[\da-f`]+|0n\d+|\d[\d`]*)[ul]*|'((?:[^'\\]|\\.))'|(@@?!?[$\w]+)|([A-Za-z_?$][\w$?]*(?:!(?:::)?[A-Za-z_?$][\w$?:]*)?)|(->|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^~!<>()[\].,?:]))/iy;
/** A number with a fraction, and what `?` evaluates. */
const fraction = /\s*\d+\.\d/y;
const question = /\s*\?/y;
const other = /\s*@@(?:masm)?\(/iy;

export const cppError = (message: string): DebuggerError => new DebuggerError('EXPRESSION_SYNTAX', message);

/** Tokens of an expression. Numbers are decimal unless 0x stands before them, as the C++ evaluator has it. */
export function cppTokens(text: string): CppToken[] {
  if (text.length > maxLength) throw cppError('the expression is too long');
  if (text.split('@@').length > maxOthers) throw cppError('the expression changes its evaluator too often');
  const tokens: CppToken[] = [];
  for (let at = 0; text.slice(at).trim() !== ''; ) {
    if (isAt(fraction, text, at)) throw cppError('numbers with a fraction are not evaluated here');
    if (isAt(other, text, at)) {
      const inside = parenthesized(text, other.lastIndex);
      tokens.push({ kind: 'masm', text: inside });
      at = other.lastIndex + inside.length + 1;
      continue;
    }
    // Decorated names begin with a question mark too, but none stands behind a value.
    if (isValue(tokens.at(-1)) && isAt(question, text, at)) {
      tokens.push({ kind: 'operator', text: '?' });
      at = question.lastIndex;
      continue;
    }
    pieces.lastIndex = at;
    const found = pieces.exec(text);
    if (found === null) throw cppError(`no expression: '${text.slice(at).trim().slice(0, 40)}'`);
    const [whole, macro, number, letter, register, name, operator] = found;
    at += whole.length;
    if (macro !== undefined) tokens.push({ kind: 'macro', text: macro });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (letter !== undefined)
      tokens.push({ kind: 'number', text: `${letter.charCodeAt(letter.length - 1)}` });
    else if (register !== undefined) tokens.push({ kind: 'register', text: register.replace(/^@+!?/, '') });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else tokens.push({ kind: 'operator', text: operator! });
  }
  return [...tokens, { kind: 'end', text: 'the end' }];
}

const isValue = (token: CppToken | undefined): boolean =>
  token !== undefined && (token.kind === 'operator' ? /^[)\]]$/.test(token.text) : token.kind !== 'macro');

function isAt(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

/** What stands between a parenthesis that ends before `start` and the one that closes it. */
function parenthesized(text: string, start: number): string {
  let depth = 1;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return text.slice(start, at);
  }
  throw cppError('a closing parenthesis is missing');
}

/** `0x10`, `0n16`, `16`, `020` (octal). */
export function cppNumber(text: string): bigint {
  const digits = text.replaceAll('`', '').toLowerCase();
  if (digits.startsWith('0n')) return BigInt(digits.slice(2));
  if (/^0[0-7]+$/.test(digits)) return BigInt(`0o${digits.slice(1)}`);
  if (/^0\d+$/.test(digits)) throw cppError(`no octal number: ${text}`);
  return BigInt(digits);
}
