import { DebuggerError, wrap64 } from '../base/index.ts';
import type { EvaluationContext } from './evaluation-context.ts';
import { restAt, syntaxError } from './expression-error.ts';
import { callFunction, functionNames } from './functions.ts';
import { extend32, readOperand, sizeOfRead } from './memory-operators.ts';
import { applyBinary, binaryOperators } from './operators.ts';
import { Lexer, type Token } from './tokens.ts';

/**
 * Value of an expression in the debugger's MASM syntax: unsigned 64-bit arithmetic, radix 16.
 * Throws EXPRESSION_SYNTAX, NAME_UNKNOWN, or MEMORY_UNREADABLE when `poi` and its kin meet absent bytes.
 */
export function evaluate(text: string, context: EvaluationContext): bigint {
  const { value, length } = evaluateStart(text, context);
  if (length < text.trimEnd().length) throw syntaxError('Extra character', text, length);
  return value;
}

/**
 * Value of the expression that a text begins with, and how far it goes: up to the first thing that cannot belong to it,
 * as in `nt+10 L8` or `@rsp, @rip`. Blanks behind it are counted in.
 */
export function evaluateStart(
  text: string,
  context: EvaluationContext,
): { readonly value: bigint; readonly length: number } {
  const lexer = new Lexer(text, context.radix);
  const value = new Parser(lexer, context).binary(0);
  return { value, length: lexer.peek.at };
}

const maxDepth = 200;
/** Registers that need no @, whatever symbols there are. Source: the debugger's documentation; those of x64 follow it. */
const commonRegisters = /^(?:[er](?:[abcd]x|[sd]i|bp|ip)|efl|rsp|r[89]|r1[0-5])$/;

class Parser {
  readonly #lexer: Lexer;
  readonly #context: EvaluationContext;
  #depth = 0;

  constructor(lexer: Lexer, context: EvaluationContext) {
    this.#lexer = lexer;
    this.#context = context;
  }

  binary(level: number): bigint {
    const operators = binaryOperators[level];
    if (operators === undefined) return this.#unary();
    let left = this.binary(level + 1);
    for (let next = this.#operatorOf(operators); next !== undefined; next = this.#operatorOf(operators)) {
      this.#lexer.take();
      const value = applyBinary(next, left, this.binary(level + 1));
      if (value === undefined) throw this.#divisionByZero();
      left = value;
    }
    return left;
  }

  #operatorOf(operators: readonly string[]): string | undefined {
    const { kind, text } = this.#lexer.peek;
    if (kind !== 'operator' && kind !== 'name') return undefined;
    const word = text.toLowerCase();
    return operators.includes(word) ? word : undefined;
  }

  #unary(): bigint {
    const token = this.#lexer.take();
    if (++this.#depth > maxDepth) throw this.#error('Nesting', token);
    const value = this.#operand(token);
    this.#depth--;
    return value;
  }

  #operand(token: Token): bigint {
    switch (token.kind) {
      case 'number':
        return this.#widen(token);
      case 'name':
        return this.#name(token);
      case 'register':
        return this.#register(token);
      case 'symbol':
        return this.#symbol(token);
      case 'evaluator':
        return this.#otherEvaluator(token);
      case 'operator':
        return this.#sign(token);
      case 'text':
      case 'end':
        throw this.#missing(token);
    }
  }

  #sign(token: Token): bigint {
    switch (token.text) {
      case '-':
        return wrap64(-this.#unary());
      case '+':
        return this.#unary();
      case '~':
        return wrap64(~this.#unary());
      case '(':
        return this.#parenthesis();
      case '.':
        return this.#register(token);
      default:
        throw this.#missing(token);
    }
  }

  #parenthesis(): bigint {
    const value = this.binary(0);
    this.#expect(')');
    return value;
  }

  #expect(operator: string): void {
    const token = this.#lexer.peek;
    if (token.kind !== 'operator' || token.text !== operator) throw this.#error('Syntax', token);
    this.#lexer.take();
  }

  /** In kernel mode a constant of 32 bits with the top bit set is sign-extended unless it holds a grave accent. */
  #widen({ text, value }: Token): bigint {
    return !text.includes('`') && value >> 31n === 1n ? extend32(value) : value;
  }

  #name(token: Token): bigint {
    const word = token.text.toLowerCase();
    if (word.includes('!')) return this.#symbol(token);
    const operator = this.#wordOperator(word, token);
    if (operator !== undefined) return operator;
    if (functionNames.has(word)) return this.#call(word, token);
    const first = commonRegisters.test(word) || word.startsWith('$') ? this.#findRegister(word) : undefined;
    // A register without its @ is nearer to what was typed than a symbol in other capitals.
    const exact = first ?? this.#context.findSymbol(token.text) ?? this.#findRegister(word);
    const value = exact ?? this.#context.findSymbol(token.text, true);
    if (value === undefined) throw this.#unresolved(token);
    return value;
  }

  #findRegister(name: string): bigint | undefined {
    return this.#context.findRegister(name);
  }

  #register(token: Token): bigint {
    const value = this.#findRegister(token.text.toLowerCase());
    if (value === undefined) throw syntaxError('Bad register', this.#lexer.source, token.at, 'NAME_UNKNOWN');
    return value;
  }

  #symbol(token: Token): bigint {
    const value = this.#context.findSymbol(token.text) ?? this.#context.findSymbol(token.text, true);
    if (value === undefined) throw this.#unresolved(token);
    return value;
  }

  #otherEvaluator(token: Token): bigint {
    if (token.text.toLowerCase() === 'masm') return this.#parenthesis();
    const rest = restAt(this.#lexer.source, token.at);
    const { evaluateCpp } = this.#context;
    if (evaluateCpp === undefined)
      throw new DebuggerError('COMMAND_NOT_HERE', `C++ expressions are not evaluated here: '${rest}'`);
    const text = this.#lexer.takeParenthesis();
    if (text === undefined) throw this.#error('Syntax', token);
    return wrap64(evaluateCpp(text));
  }

  #wordOperator(word: string, token: Token): bigint | undefined {
    const size = sizeOfRead(word, this.#context);
    if (size !== undefined) {
      const rest = restAt(this.#lexer.source, token.at);
      return readOperand({ word, size, rest }, this.#unary(), this.#context);
    }
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

  #call(name: string, token: Token): bigint {
    this.#expect('(');
    const parts: (string | bigint)[] = [];
    do {
      const { kind, text } = this.#lexer.peek;
      parts.push(kind === 'text' ? text : this.binary(0));
      if (kind === 'text') this.#lexer.take();
    } while (this.#takeComma());
    this.#expect(')');
    const value = callFunction(name, parts, this.#context);
    if (value === undefined) throw this.#error('Operand', token);
    return value;
  }

  #takeComma(): boolean {
    const { kind, text } = this.#lexer.peek;
    const comma = kind === 'operator' && text === ',';
    if (comma) this.#lexer.take();
    return comma;
  }

  #missing(token: Token): DebuggerError {
    const rest = restAt(this.#lexer.source, token.at);
    return new DebuggerError('EXPRESSION_SYNTAX', `Numeric expression missing from '${rest}'`);
  }

  #divisionByZero(): DebuggerError {
    const rest = restAt(this.#lexer.source, this.#lexer.peek.at);
    return new DebuggerError('EXPRESSION_SYNTAX', `Operand error at '${rest}': the division is by zero`);
  }

  #unresolved(token: Token): DebuggerError {
    return syntaxError("Couldn't resolve", this.#lexer.source, token.at, 'NAME_UNKNOWN');
  }

  #error(what: string, { at }: Token): DebuggerError {
    return syntaxError(what, this.#lexer.source, at);
  }
}
