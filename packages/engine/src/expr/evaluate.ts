import { DebuggerError, Fault, tickHex, type Va, wrap64 } from '../base/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';
import { parseDigits, type Token, tokenize } from './tokens.ts';

/** What an expression can refer to. */
export interface EvaluationContext {
  readonly memory: VirtualMemory;
  readonly pointerSize: 4 | 8;
  /** Default base of numbers; 16 in the debugger. */
  readonly radix: number;
  /** `rax` without its @; pseudo registers with their `$`; `.` for the current instruction. */
  findRegister(name: string): bigint | undefined;
  /** Address of `module!name`, `name` or a module's base by its name. */
  findSymbol(name: string): Va | undefined;
}

/**
 * Value of an expression in the debugger's MASM syntax: unsigned 64-bit arithmetic, radix 16.
 * Throws EXPRESSION_SYNTAX, or MEMORY_UNREADABLE when `poi` and its kin meet absent bytes.
 */
export function evaluate(text: string, context: EvaluationContext): bigint {
  const parser = new Parser(tokenize(text, context.radix), text, context);
  return parser.parse();
}

const binary: readonly (readonly string[])[] = [
  ['|', 'or'],
  ['^', 'xor'],
  ['&', 'and'],
  ['=', '==', '<', '>', '<=', '>=', '!='],
  ['<<', '>>', '>>>'],
  ['+', '-'],
  ['*', '/', 'mod', '%'],
];

const maxDepth = 200;
const sizes: Readonly<Record<string, number>> = {
  by: 1,
  $pby: 1,
  wo: 2,
  $pwo: 2,
  dwo: 4,
  $pdwo: 4,
  qwo: 8,
  $pqwo: 8,
};

const extend32 = (value: bigint): bigint => BigInt.asUintN(64, BigInt.asIntN(32, value));

class Parser {
  readonly #tokens: readonly Token[];
  readonly #text: string;
  readonly #context: EvaluationContext;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], text: string, context: EvaluationContext) {
    this.#tokens = tokens;
    this.#text = text.trim();
    this.#context = context;
  }

  parse(): bigint {
    if (this.#tokens.length === 0) throw this.#error('an expression is missing');
    const value = this.#binary(0);
    const rest = this.#tokens[this.#at];
    if (rest !== undefined) throw this.#error(`unexpected '${rest.text}' in '${this.#text}'`);
    return value;
  }

  #binary(level: number): bigint {
    const operators = binary[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (let next = this.#peek(operators); next !== undefined; next = this.#peek(operators)) {
      this.#at++;
      left = this.#apply(next, left, this.#binary(level + 1));
    }
    return left;
  }

  #peek(operators: readonly string[]): string | undefined {
    const token = this.#tokens[this.#at];
    if (token === undefined || token.kind === 'number') return undefined;
    return operators.find((operator) => operator === token.text.toLowerCase());
  }

  #apply(operator: string, left: bigint, right: bigint): bigint {
    switch (operator) {
      case '|':
      case 'or':
        return left | right;
      case '^':
      case 'xor':
        return left ^ right;
      case '&':
      case 'and':
        return left & right;
      case '=':
      case '==':
        return left === right ? 1n : 0n;
      case '!=':
        return left !== right ? 1n : 0n;
      case '<':
        return left < right ? 1n : 0n;
      case '>':
        return left > right ? 1n : 0n;
      case '<=':
        return left <= right ? 1n : 0n;
      case '>=':
        return left >= right ? 1n : 0n;
      case '<<':
        return right > 63n ? 0n : wrap64(left << right);
      case '>>':
        return right > 63n ? 0n : left >> right;
      case '>>>':
        return wrap64(BigInt.asIntN(64, left) >> (right > 63n ? 63n : right));
      case '+':
        return wrap64(left + right);
      case '-':
        return wrap64(left - right);
      case '*':
        return wrap64(left * right);
      default:
        if (right === 0n) throw this.#error('division by zero');
        return operator === '/' ? left / right : left % right;
    }
  }

  #unary(): bigint {
    if (++this.#depth > maxDepth) throw this.#error('the expression is nested too deeply');
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw this.#error(`something is missing at the end of '${this.#text}'`);
    const value = this.#operand(token);
    this.#depth--;
    return value;
  }

  #operand(token: Token): bigint {
    if (token.kind === 'number') return this.#widen(token);
    if (token.kind === 'name') return this.#name(token.text);
    switch (token.text) {
      case '-':
        return wrap64(-this.#unary());
      case '+':
        return this.#unary();
      case '~':
        return wrap64(~this.#unary());
      case '(':
        return this.#parenthesis();
      default:
        throw this.#error(`unexpected '${token.text}' in '${this.#text}'`);
    }
  }

  #parenthesis(): bigint {
    const value = this.#binary(0);
    const close = this.#tokens[this.#at++];
    if (close?.text !== ')') throw this.#error(`a closing parenthesis is missing in '${this.#text}'`);
    return value;
  }

  /** Kernel-mode rule of the debugger: a constant of 32 bits with the top bit set is sign-extended unless it holds a `. */
  #widen(token: { readonly text: string; readonly value: bigint }): bigint {
    return !token.text.includes('`') && token.value >> 31n === 1n ? extend32(token.value) : token.value;
  }

  #name(text: string): bigint {
    const lower = text.toLowerCase();
    const word = this.#wordOperator(lower);
    if (word !== undefined) return word;
    if (text.startsWith('@')) return this.#register(lower.slice(1), text);
    const register = text.startsWith('$') || text === '.' ? this.#context.findRegister(lower) : undefined;
    if (register !== undefined) return register;
    const symbol = this.#context.findSymbol(text);
    if (symbol !== undefined) return symbol;
    const bare = this.#context.findRegister(lower);
    if (bare !== undefined) return bare;
    const digits = this.#context.radix === 16 ? /^([0-9a-f]+)(?:h)?$/i.exec(text)?.[1] : undefined;
    if (digits !== undefined) return this.#widen({ text, value: parseDigits(digits, 16) });
    throw this.#error(`'${text}' is not a known symbol, register or number`);
  }

  #register(name: string, text: string): bigint {
    const value = this.#context.findRegister(name);
    if (value === undefined) throw this.#error(`the register '${text}' is not known here`);
    return value;
  }

  #wordOperator(word: string): bigint | undefined {
    const size = word === 'poi' || word === '$ppoi' ? this.#context.pointerSize : sizes[word];
    if (size !== undefined) return this.#read(this.#unary(), size, word.endsWith('poi'));
    switch (word) {
      case 'not':
        return this.#unary() === 0n ? 1n : 0n;
      case 'hi':
        return (this.#unary() >> 16n) & 0xffffn;
      case 'low':
        return this.#unary() & 0xffffn;
      default:
        return undefined;
    }
  }

  #read(va: Va, size: number, pointer: boolean): bigint {
    const bytes = this.#context.memory.tryRead(va, size);
    if (bytes instanceof Fault)
      throw new DebuggerError('MEMORY_UNREADABLE', `memory at ${tickHex(va)} could not be read`);
    let value = 0n;
    for (const byte of [...bytes].reverse()) value = (value << 8n) | BigInt(byte);
    return pointer && size === 4 ? extend32(value) : value;
  }

  #error(message: string): DebuggerError {
    return new DebuggerError('EXPRESSION_SYNTAX', message);
  }
}
