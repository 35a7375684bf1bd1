import { DebuggerError, describeFault, Fault, type Va } from '../base/index.ts';
import type { BitField } from '../types/index.ts';
import type { Console } from './console.ts';
import { type CppToken, cppError, cppNumber, cppTokens } from './cpp-tokens.ts';
import {
  addressIn,
  type CppType,
  convert,
  memberType,
  namedType,
  scalar,
  sizeOfType,
  structureType,
} from './cpp-types.ts';
import { findRegister } from './pseudo-registers.ts';

/** A value, or a place in memory that holds one. */
export interface CppValue {
  readonly type: CppType;
  /** Of a value that is not in memory, or was read. */
  readonly value: bigint | undefined;
  /** Where it is. */
  readonly at: Va | undefined;
  readonly bits: BitField | undefined;
}

const maxDepth = 64;

/** Value of a C++ expression. Throws EXPRESSION_SYNTAX, NAME_UNKNOWN, TYPES_UNKNOWN, MEMORY_UNREADABLE. */
export function evaluateCpp(console: Console, text: string): CppValue {
  const parser = new CppParser(console, cppTokens(text));
  const value = parser.expression(0);
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
  #at = 0;
  #depth = 0;

  constructor(console: Console, tokens: readonly CppToken[]) {
    this.#console = console;
    this.#tokens = tokens;
  }

  expect(text: string): void {
    if (!this.#take(text)) throw cppError(`'${text}' is missing before ${this.#token.text}`);
  }

  expression(level: number): CppValue {
    const operators = binary[level];
    if (operators === undefined) return this.#unary();
    let left = this.expression(level + 1);
    for (let found = this.#operator(operators); found !== undefined; found = this.#operator(operators))
      left = this.#binary(found, left, this.expression(level + 1));
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
    if (operator === '*') return this.#dereference(this.#unary());
    if (operator === '&') return this.#addressOf(this.#unary());
    if (operator !== undefined) return this.#sign(operator, this.#unary());
    if (this.#token.kind === 'name' && this.#token.text === 'sizeof') return this.#sizeOf();
    const cast = this.#cast();
    return cast === undefined ? this.#postfix(this.#primary()) : this.#convert(this.#unary(), cast);
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
    const type = cast ?? this.#unary().type;
    return this.#number(BigInt(sizeOfType(this.#console, type)), this.#sizeType());
  }

  readonly #sizeType = (): CppType => scalar(this.#console.system.target.pointerSize === 8 ? 'u64' : 'u32');

  readonly #number = (value: bigint, type: CppType): CppValue => ({
    type,
    value: convert(this.#console, value, type),
    at: undefined,
    bits: undefined,
  });

  #primary(): CppValue {
    const { kind, text } = this.#token;
    this.#at++;
    if (kind === 'number') return this.#literal(cppNumber(text));
    if (kind === 'register') return this.#register(text);
    if (kind === 'name') return this.#symbol(text);
    if (text === '(') {
      const value = this.expression(0);
      this.expect(')');
      return value;
    }
    this.#at--;
    throw cppError(`a value is missing before ${text}`);
  }

  #literal(value: bigint): CppValue {
    const base = value < 0x8000_0000n ? 'i32' : value < 0x1_0000_0000n ? 'u32' : 'u64';
    return this.#number(value, scalar(base));
  }

  #register(name: string): CppValue {
    const value = findRegister(this.#console, name.toLowerCase());
    if (value === undefined) throw new DebuggerError('REGISTER_UNKNOWN', `there is no register ${name}`);
    const typed = typedRegisters[name.toLowerCase()];
    const type = typed === undefined ? undefined : structureType(this.#console, typed, 1);
    return this.#number(value, type ?? this.#sizeType());
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
      if (this.#take('->')) value = this.#member(this.#dereference(value));
      else if (this.#take('.')) value = this.#member(value);
      else if (this.#take('[')) {
        const index = this.expression(0);
        this.expect(']');
        value = this.#element(value, this.#integer(index));
      } else return value;
    }
  }

  #member(of: CppValue): CppValue {
    const { kind, text: name } = this.#token;
    if (kind !== 'name') throw cppError(`the name of a member is missing before ${name}`);
    this.#at++;
    const { structure, prefix, pointers } = of.type;
    const member = pointers > 0 ? undefined : structure?.member(prefix + name);
    if (structure === undefined || member === undefined || of.at === undefined)
      throw new DebuggerError(
        'TYPES_UNKNOWN',
        `${of.type.base} has no member ${name}${pointers > 0 ? '; use ->' : ''}`,
      );
    // Members of a structure without a name count from the structure that holds it.
    const base = prefix === '' ? 0 : structure.member(prefix.slice(0, -1))!.offset;
    const at = addressIn(of.at + BigInt(member.offset - base));
    return { type: memberType(this.#console, of.type, member), value: undefined, at, bits: member.bits };
  }

  #element(of: CppValue, index: bigint): CppValue {
    if (of.type.count !== undefined && of.at !== undefined) {
      const type = { ...of.type, count: undefined };
      const size = BigInt(sizeOfType(this.#console, type));
      return { type, value: undefined, at: addressIn(of.at + index * size), bits: undefined };
    }
    return this.#dereference(this.#advance(of, index));
  }

  #dereference(of: CppValue): CppValue {
    const pointer = this.#decayed(of);
    if (pointer.type.pointers === 0) throw cppError('what * and -> are used on is no pointer');
    const type = { ...pointer.type, pointers: pointer.type.pointers - 1, count: undefined };
    return { type, value: undefined, at: addressIn(this.#integer(pointer)), bits: undefined };
  }

  /** An array as the pointer to its first element. */
  #decayed(value: CppValue): CppValue {
    if (value.type.count === undefined || value.at === undefined) return value;
    return this.#number(value.at, { ...value.type, count: undefined, pointers: value.type.pointers + 1 });
  }

  #addressOf({ at, type, bits }: CppValue): CppValue {
    if (at === undefined || bits !== undefined) throw cppError('& needs something in memory');
    return this.#number(at, { ...type, pointers: type.pointers + 1, count: undefined });
  }

  #convert(value: CppValue, type: CppType): CppValue {
    if (type.pointers === 0 && type.structure !== undefined)
      throw cppError('no cast to a structure; cast to a pointer');
    return this.#number(this.#integer(this.#decayed(value)), type);
  }

  #advance(pointer: CppValue, by: bigint): CppValue {
    const from = this.#decayed(pointer);
    const size = sizeOfType(this.#console, { ...from.type, pointers: from.type.pointers - 1 });
    return this.#number(this.#integer(from) + by * BigInt(size), from.type);
  }

  #sign(operator: string, value: CppValue): CppValue {
    const number = this.#integer(value);
    if (operator === '!') return this.#number(number === 0n ? 1n : 0n, scalar('bool'));
    const type = this.#wider(value.type, scalar('i32'));
    return this.#number(operator === '-' ? -number : operator === '~' ? ~number : number, type);
  }

  #binary(operator: string, a: CppValue, b: CppValue): CppValue {
    const [left, right] = [this.#decayed(a), this.#decayed(b)];
    const isPointer = left.type.pointers > 0;
    if ((operator === '+' || operator === '-') && isPointer !== right.type.pointers > 0) {
      if (!isPointer && operator === '-') throw cppError('a pointer cannot be subtracted from a number');
      const [pointer, number] = isPointer ? [left, right] : [right, left];
      return this.#advance(pointer, operator === '-' ? -this.#integer(number) : this.#integer(number));
    }
    if (operator === '-' && isPointer) return this.#distance(left, right);
    const type = this.#wider(left.type, right.type);
    const [x, y] = [left, right].map((each) => convert(this.#console, this.#integer(each), type)) as [
      bigint,
      bigint,
    ];
    if (operator in comparisons) return this.#number(comparisons[operator]!(x, y) ? 1n : 0n, scalar('bool'));
    if ((operator === '/' || operator === '%') && y === 0n) throw cppError('division by zero');
    return this.#number(arithmetic[operator]!(x, y), type);
  }

  #distance(a: CppValue, b: CppValue): CppValue {
    const size = BigInt(sizeOfType(this.#console, { ...a.type, pointers: a.type.pointers - 1 }));
    const bytes = BigInt.asIntN(64, this.#integer(a) - this.#integer(b));
    return this.#number(bytes / size, scalar(this.#console.system.target.pointerSize === 8 ? 'i64' : 'i32'));
  }

  #wider(a: CppType, b: CppType): CppType {
    const rank = ({ base, pointers }: CppType) =>
      pointers > 0 ? 'u64' : /^[ui](32|64)$/.test(base) ? base : 'i32';
    const order = ['i32', 'u32', 'i64', 'u64'];
    return scalar(order[Math.max(order.indexOf(rank(a)), order.indexOf(rank(b)))]!);
  }

  /** The value as an integer, read from memory where it is there. */
  #integer(of: CppValue): bigint {
    if (of.value !== undefined) return of.value;
    return readCpp(this.#console, of);
  }
}

/** What memory holds at a place. Throws MEMORY_UNREADABLE, or TYPES_UNKNOWN for what is no number. */
export function readCpp(console: Console, { type, at, bits }: CppValue): bigint {
  const isScalar = type.pointers > 0 || /^[ui]\d+$/.test(type.base);
  if (at === undefined || !isScalar || type.count !== undefined)
    throw new DebuggerError(
      'TYPES_UNKNOWN',
      type.base === 'void'
        ? 'its type is not known: cast its address, *(TYPE*)&NAME'
        : `struct ${type.base} is no number`,
    );
  const read = console.memory.tryRead(at, sizeOfType(console, type));
  if (read instanceof Fault) throw new DebuggerError('MEMORY_UNREADABLE', describeFault(read));
  const whole = read.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const value = bits === undefined ? whole : BigInt.asUintN(bits.width, whole >> BigInt(bits.position));
  return convert(console, value, type);
}

const comparisons: Readonly<Record<string, (x: bigint, y: bigint) => boolean>> = {
  '||': (x, y) => x !== 0n || y !== 0n,
  '&&': (x, y) => x !== 0n && y !== 0n,
  '==': (x, y) => x === y,
  '!=': (x, y) => x !== y,
  '<': (x, y) => x < y,
  '>': (x, y) => x > y,
  '<=': (x, y) => x <= y,
  '>=': (x, y) => x >= y,
};

const arithmetic: Readonly<Record<string, (x: bigint, y: bigint) => bigint>> = {
  '+': (x, y) => x + y,
  '-': (x, y) => x - y,
  '*': (x, y) => x * y,
  '/': (x, y) => x / y,
  '%': (x, y) => x % y,
  '&': (x, y) => x & y,
  '|': (x, y) => x | y,
  '^': (x, y) => x ^ y,
  '<<': (x, y) => x << (y & 63n),
  '>>': (x, y) => x >> (y & 63n),
};
