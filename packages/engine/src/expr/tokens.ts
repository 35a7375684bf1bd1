import { syntaxError } from './expression-error.ts';
import { readNumber } from './numbers.ts';

export interface Token {
  /**
   * `name`: a symbol, a register without its @, a word operator; `symbol`: what can only be a symbol (`!fade`, `@!"..."`);
   * `evaluator`: `@@(`, `@@c++(` or `@@masm(`, its text; `end`: nothing is left.
   */
  readonly kind: 'number' | 'name' | 'register' | 'symbol' | 'operator' | 'text' | 'evaluator' | 'end';
  /** As typed, but without what only marks it: the @ of a register, the quotes of a text. */
  readonly text: string;
  /** Of a number. */
  readonly value: bigint;
  /** Where it begins and ends in the expression. */
  readonly at: number;
  readonly end: number;
}

const blanks = /\s*/y;
/** Symbols may hold graves and apostrophes behind the module's name: nt!`string'. */
const name = /[A-Za-z_?$][\w$?@]*(?:!(?!=)[\w$?@~:.`']+|(?:::~?[\w$?@]+)*)/y;
const bangSymbol = /\$?!(?!=)([\w$?@~:.`']+)/y;
const register = /@(\$?\w+)/y;
const quotedSymbol = /@!"([^"]*)"/y;
const graveSymbol = /`([\w$?@!:]*[A-Za-z_$?][\w$?@!:]*)`/y;
const evaluator = /@@(c\+\+|masm)?\(/iy;
const text = /"([^"]*)"/y;
const character = /'(?:[^'\\]|\\.)'/y;
const operator = />>>|<<|>>|<=|>=|!=|==|[-+*/%&^|<>=(),~]|\.(?![\w.])/y;

/** Cuts the tokens of an expression in the debugger's MASM syntax one by one: what follows it may be anything. */
export class Lexer {
  readonly source: string;
  readonly #radix: number;
  #at = 0;
  #next: Token | undefined;

  constructor(source: string, radix: number) {
    this.source = source;
    this.#radix = radix;
  }

  get peek(): Token {
    this.#next ??= this.#read(this.#at);
    return this.#next;
  }

  take(): Token {
    const token = this.peek;
    this.#at = token.end;
    this.#next = undefined;
    return token;
  }

  #read(from: number): Token {
    const at = from + match(blanks, this.source, from)![0].length;
    if (at >= this.source.length) return { kind: 'end', text: '', value: 0n, at, end: at };
    const number = readNumber(this.source, at, this.#radix);
    if (number !== undefined)
      return {
        kind: 'number',
        text: this.source.slice(at, number.end),
        value: number.value,
        at,
        end: number.end,
      };
    return this.#word(at) ?? { kind: 'end', text: '', value: 0n, at, end: at };
  }

  #word(at: number): Token | undefined {
    for (const [kind, pattern] of patterns) {
      const found = match(pattern, this.source, at);
      if (found !== null)
        return { kind, text: found[1] ?? found[0], value: 0n, at, end: at + found[0].length };
    }
    return undefined;
  }

  /** The text up to the parenthesis that closes the one just taken, which is not cut; undefined where none does. */
  takeParenthesis(): string | undefined {
    const from = this.#at;
    for (let at = from, depth = 1; at < this.source.length; at++) {
      const letter = this.source[at];
      // A parenthesis may be a character: '(' and '\''.
      const quoted = letter === "'" ? match(character, this.source, at) : null;
      if (quoted !== null) at += quoted[0].length - 1;
      else if (letter === '(') depth++;
      else if (letter === ')' && --depth === 0) {
        this.#at = at + 1;
        return this.source.slice(from, at);
      }
    }
    return undefined;
  }

  /** The debugger's complaint about a token: what is left from there on. */
  errorAt(what: string, token: Pick<Token, 'at'>): Error {
    return syntaxError(what, this.source, token.at);
  }
}

const patterns: readonly (readonly [Token['kind'], RegExp])[] = [
  ['evaluator', evaluator],
  ['symbol', quotedSymbol],
  ['register', register],
  ['symbol', bangSymbol],
  ['name', name],
  ['symbol', graveSymbol],
  ['text', text],
  ['operator', operator],
];

function match(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}
