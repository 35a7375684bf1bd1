import { DebuggerError } from '../base/index.ts';
import type { Console } from './console.ts';
import { CppOperations } from './cpp-operations.ts';
import { type CppToken, cppError, cppNumber, cppTokens } from './cpp-tokens.ts';
import { type CppType, namedType, scalar, sizeOfType, structureType } from './cpp-types.ts';
import type { CppValue } from './cpp-value.ts';
import { findRegister } from './pseudo-registers.ts';

const maxDepth = 64;

/** Value of a C++ expression; `evaluateOther` evaluates what stands in `@@()`, as `?` does. Throws EXPRESSION_SYNTAX, NAME_UNKNOWN, TYPES_UNKNOWN, MEMORY_UNREADABLE. */
export function evaluateCpp(
  console: Console,
  text: string,
  evaluateOther: (text: string) => bigint,
): CppValue {
  const parser = new CppParser(console, cppTokens(text), evaluateOther);
  const value = parser.conditional();
  parser.expect('the end');
  return value;
}

/** Binary operators by how strongly they bind. */
const binary: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];

const typedRegisters: Readonly<Record<string, string>> = {
  $proc: 'nt!_EPROCESS',
  $thread: 'nt!_ETHREAD',
  $peb: 'nt!_PEB',
  $teb: 'nt!_TEB',
};

class CppParser {
  readonly #console: Console;
  readonly #tokens: readonly CppToken[];
  readonly #operations: CppOperations;
  readonly #evaluateOther: (text: string) => bigint;
  #at = 0;
  #depth = 0;

  constructor(console: Console, tokens: readonly CppToken[], evaluateOther: (text: string) => bigint) {
    this.#console = console;
    this.#evaluateOther = evaluateOther;
    this.#tokens = tokens;
    this.#operations = new CppOperations(console);
  }

  expect(text: string): void {
    if (!this.#take(text)) throw cppError(`'${text}' is missing before ${this.#token.text}`);
  }

  /** `a ? b : c`, of which only one side is evaluated. */
  conditional(): CppValue {
    const test = this.#expression(0);
    if (!this.#take('?')) return test;
    return this.#operations.choose(
      test,
      () => this.conditional(),
      () => {
        this.expect(':');
        return this.conditional();
      },
    );
  }

  #expression(level: number): CppValue {
    const operators = binary[level];
    if (operators === undefined) return this.#unary();
    let left = this.#expression(level + 1);
    for (let found = this.#operator(operators); found !== undefined; found = this.#operator(operators)) {
      const right = () => this.#expression(level + 1);
      left =
        found === '&&' || found === '||'
          ? this.#operations.logical(found, left, right)
          : this.#operations.binary(found, left, right());
    }
    return left;
  }

  get #token(): CppToken {
    return this.#tokens[this.#at]!;
  }

  #take(text: string): boolean {
    if (this.#token.text !== text || this.#token.kind === 'name') return false;
    if (this.#token.kind !== 'end') this.#at++;
    return true;
  }

  #operator(wanted: readonly string[]): string | undefined {
    const { kind, text } = this.#token;
    if (kind !== 'operator' || !wanted.includes(text)) return undefined;
    this.#at++;
    return text;
  }

  #unary(): CppValue {
    if (++this.#depth > maxDepth) throw cppError('the expression nests too deeply');
    const value = this.#unaryInside();
    this.#depth--;
    return value;
  }

  #unaryInside(): CppValue {
    const operator = this.#operator(['-', '+', '!', '~', '*', '&']);
    if (operator === '*') return this.#operations.dereference(this.#unary());
    if (operator === '&') return this.#operations.addressOf(this.#unary());
    if (operator !== undefined) return this.#operations.sign(operator, this.#unary());
    if (this.#token.kind === 'name' && this.#token.text === 'sizeof') return this.#sizeOf();
    const cast = this.#cast();
    return cast === undefined
      ? this.#postfix(this.#primary())
      : this.#operations.convert(this.#unary(), cast);
  }

  /** `(TYPE)` before an operand; undefined, and nothing taken, where the parenthesis holds no type. */
  #cast(): CppType | undefined {
    const start = this.#at;
    const type = this.#take('(') ? this.#typeName() : undefined;
    if (type !== undefined && this.#take(')')) return type;
    this.#at = start;
    return undefined;
  }

  #typeName(): CppType | undefined {
    const words: string[] = [];
    for (; this.#token.kind === 'name'; this.#at++) words.push(this.#token.text);
    const type = words.length === 0 ? undefined : namedType(this.#console, words);
    if (type === undefined) {
      if (words.length > 0 && /^[(*)]$/.test(this.#token.text) && /^_|!_/.test(words.at(-1)!))
        throw new DebuggerError('TYPES_UNKNOWN', `there is no type ${words.at(-1)}`);
      return undefined;
    }
    let pointers = type.pointers;
    while (this.#take('*')) pointers++;
    return { ...type, pointers };
  }

  #sizeOf(): CppValue {
    this.#at++;
    const start = this.#at;
    const cast = this.#cast();
    if (cast === undefined) this.#at = start;
    const type = cast ?? this.#operations.ofType(() => this.#unary()).type;
    return this.#operations.number(BigInt(sizeOfType(this.#console, type)), this.#operations.sizeType());
  }

  #primary(): CppValue {
    const { kind, text } = this.#token;
    this.#at++;
    if (kind === 'number') return this.#literal(cppNumber(text));
    if (kind === 'register') return this.#register(text);
    if (kind === 'name') return this.#symbol(text);
    if (kind === 'masm') return this.#other(text);
    if (kind === 'macro') return this.#macro(text);
    if (text === '(') {
      const value = this.conditional();
      this.expect(')');
      return value;
    }
    this.#at--;
    throw cppError(`a value is missing before ${text}`);
  }

  /** The value of an expression that `?` evaluates. */
  #other(text: string): CppValue {
    if (!this.#operations.isEvaluating) return this.#operations.number(0n, scalar('u64'));
    return this.#operations.number(this.#evaluateOther(text), scalar('u64'));
  }

  /** The macros of C's headers that the debugger knows. Source: Microsoft's page on the C++ evaluator. */
  #macro(name: string): CppValue {
    this.expect('(');
    const address = name === 'CONTAINING_RECORD' ? this.#argument() : undefined;
    if (name === 'RTL_NUMBER_OF') {
      const { type } = this.#operations.ofType(() => this.conditional());
      this.expect(')');
      if (type.count === undefined) throw cppError('#RTL_NUMBER_OF needs an array');
      return this.#operations.number(BigInt(type.count), this.#operations.sizeType());
    }
    if (!/^(CONTAINING_RECORD|FIELD_OFFSET|RTL_FIELD_SIZE)$/.test(name))
      throw cppError(`there is no macro #${name}`);
    const type = this.#typeName();
    if (type === undefined) throw cppError(`#${name} needs a type`);
    this.expect(',');
    const field = this.#fieldOf(type);
    this.expect(')');
    if (address !== undefined) return this.#operations.holder(address, type, field);
    const isSize = name === 'RTL_FIELD_SIZE';
    const number = isSize ? BigInt(sizeOfType(this.#console, field.type)) : field.at!;
    return this.#operations.number(number, isSize ? this.#operations.sizeType() : scalar('i32'));
  }

  #argument(): CppValue {
    const value = this.conditional();
    this.expect(',');
    return value;
  }

  /** A member at its offset: as if the structure were at 0. */
  #fieldOf(type: CppType): CppValue {
    const start: CppValue = { type, value: undefined, at: 0n, bits: undefined };
    return this.#operations.ofType(() => {
      let field = this.#member(start);
      while (this.#take('.')) field = this.#member(field);
      return field;
    });
  }

  #literal(value: bigint): CppValue {
    const base = value < 0x8000_0000n ? 'i32' : value < 0x1_0000_0000n ? 'u32' : 'u64';
    return this.#operations.number(value, scalar(base));
  }

  #register(name: string): CppValue {
    const value = this.#operations.isEvaluating ? findRegister(this.#console, name.toLowerCase()) : 0n;
    if (value === undefined) throw new DebuggerError('REGISTER_UNKNOWN', `there is no register ${name}`);
    const typed = typedRegisters[name.toLowerCase()];
    const type = typed === undefined ? undefined : structureType(this.#console, typed, 1);
    return this.#operations.number(value, type ?? this.#operations.sizeType());
  }

  /** A symbol is a place in memory whose type is not known. */
  #symbol(name: string): CppValue {
    const at = this.#console.system.symbols.findAddress(name);
    if (at === undefined) throw new DebuggerError('NAME_UNKNOWN', `there is no symbol ${name}`);
    return { type: scalar('void'), value: undefined, at, bits: undefined };
  }

  #postfix(start: CppValue): CppValue {
    let value = start;
    for (;;) {
      if (this.#take('->')) value = this.#member(this.#operations.dereference(value));
      else if (this.#take('.')) value = this.#member(value);
      else if (this.#take('[')) {
        const index = this.conditional();
        this.expect(']');
        value = this.#operations.element(value, this.#operations.integer(index));
      } else return value;
    }
  }

  #member(of: CppValue): CppValue {
    const { kind, text: name } = this.#token;
    if (kind !== 'name') throw cppError(`the name of a member is missing before ${name}`);
    this.#at++;
    return this.#operations.member(of, name);
  }
}
