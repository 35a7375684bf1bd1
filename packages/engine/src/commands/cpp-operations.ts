import { DebuggerError } from '../base/index.ts';
import type { Console } from './console.ts';
import { cppError } from './cpp-tokens.ts';
import { addressIn, type CppType, convert, memberType, scalar, sizeOfType } from './cpp-types.ts';
import { type CppValue, readCpp } from './cpp-value.ts';

/** What the operators of C++ make of values. Throws EXPRESSION_SYNTAX, TYPES_UNKNOWN, MEMORY_UNREADABLE. */
export class CppOperations {
  readonly #console: Console;
  /** More than 0: only the type of what is worked on counts. */
  #unevaluated = 0;

  constructor(console: Console) {
    this.#console = console;
  }

  /** Does something of which only the type counts, as behind `sizeof`: memory is not read, and a value that needs it is 0. */
  ofType(work: () => CppValue): CppValue {
    this.#unevaluated++;
    const value = work();
    this.#unevaluated--;
    return value;
  }

  get isEvaluating(): boolean {
    return this.#unevaluated === 0;
  }

  /** What && and || give: the right side is evaluated only where the left one does not decide. */
  logical(operator: '&&' | '||', left: CppValue, right: () => CppValue): CppValue {
    const isTrue = this.#isTrue(left);
    const isDecided = isTrue === (operator === '||');
    const other = isDecided ? this.ofType(right) : right();
    const result = isDecided ? isTrue : this.#isTrue(other);
    return this.number(result ? 1n : 0n, scalar('bool'));
  }

  /** What `? :` gives: of the other side only the syntax counts. */
  choose(test: CppValue, first: () => CppValue, second: () => CppValue): CppValue {
    const isFirst = this.#isTrue(test);
    const one = isFirst ? first() : this.ofType(first);
    const two = isFirst ? this.ofType(second) : second();
    return isFirst ? one : two;
  }

  /** The structure that holds what is at an address as this member. */
  holder(address: CppValue, type: CppType, field: CppValue): CppValue {
    const at = this.integer(this.#decayed(address)) - (field.at ?? 0n);
    return this.number(at, { ...type, pointers: type.pointers + 1 });
  }

  #isTrue(value: CppValue): boolean {
    return this.integer(this.#decayed(value)) !== 0n;
  }

  /** The type of sizes and registers. */
  sizeType(): CppType {
    return scalar(this.#console.system.target.pointerSize === 8 ? 'u64' : 'u32');
  }

  /** A value that is not in memory, cut to its type. */
  number(value: bigint, type: CppType): CppValue {
    return { type, value: convert(this.#console, value, type), at: undefined, bits: undefined };
  }

  /** Throws TYPES_UNKNOWN where the type is no structure that is known, or has no such member. */
  member(of: CppValue, name: string): CppValue {
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

  /** What `[]` gives. */
  element(of: CppValue, index: bigint): CppValue {
    if (of.type.count !== undefined && of.at !== undefined) {
      const type = { ...of.type, count: undefined };
      const size = BigInt(sizeOfType(this.#console, type));
      return { type, value: undefined, at: addressIn(of.at + index * size), bits: undefined };
    }
    return this.dereference(this.#advance(of, index));
  }

  /** What `*` gives: the place that a pointer leads to. */
  dereference(of: CppValue): CppValue {
    const pointer = this.#decayed(of);
    if (pointer.type.pointers === 0) throw cppError('what * and -> are used on is no pointer');
    const type = { ...pointer.type, pointers: pointer.type.pointers - 1, count: undefined };
    return { type, value: undefined, at: addressIn(this.integer(pointer)), bits: undefined };
  }

  /** An array as the pointer to its first element. */
  #decayed(value: CppValue): CppValue {
    if (value.type.count === undefined || value.at === undefined) return value;
    return this.number(value.at, { ...value.type, count: undefined, pointers: value.type.pointers + 1 });
  }

  /** What `&` gives. */
  addressOf({ at, type, bits }: CppValue): CppValue {
    if (at === undefined || bits !== undefined) throw cppError('& needs something in memory');
    return this.number(at, { ...type, pointers: type.pointers + 1, count: undefined });
  }

  /** What a cast gives. */
  convert(value: CppValue, type: CppType): CppValue {
    if (type.pointers === 0 && type.structure !== undefined)
      throw cppError('no cast to a structure; cast to a pointer');
    return this.number(this.integer(this.#decayed(value)), type);
  }

  #advance(pointer: CppValue, by: bigint): CppValue {
    const from = this.#decayed(pointer);
    const size = sizeOfType(this.#console, { ...from.type, pointers: from.type.pointers - 1 });
    return this.number(this.integer(from) + by * BigInt(size), from.type);
  }

  /** What an operator before its operand gives. */
  sign(operator: string, value: CppValue): CppValue {
    const number = this.integer(value);
    if (operator === '!') return this.number(number === 0n ? 1n : 0n, scalar('bool'));
    const type = this.#wider(value.type, scalar('i32'));
    return this.number(operator === '-' ? -number : operator === '~' ? ~number : number, type);
  }

  /** What an operator between two operands gives, but for those of `logical`. */
  binary(operator: string, a: CppValue, b: CppValue): CppValue {
    const [left, right] = [this.#decayed(a), this.#decayed(b)];
    const isPointer = left.type.pointers > 0;
    if ((operator === '+' || operator === '-') && isPointer !== right.type.pointers > 0) {
      if (!isPointer && operator === '-') throw cppError('a pointer cannot be subtracted from a number');
      const [pointer, number] = isPointer ? [left, right] : [right, left];
      return this.#advance(pointer, operator === '-' ? -this.integer(number) : this.integer(number));
    }
    if (operator === '-' && isPointer) return this.#distance(left, right);
    const type = this.#wider(left.type, right.type);
    const [x, y] = [left, right].map((each) => convert(this.#console, this.integer(each), type)) as [
      bigint,
      bigint,
    ];
    if (operator in comparisons) return this.number(comparisons[operator]!(x, y) ? 1n : 0n, scalar('bool'));
    if ((operator === '/' || operator === '%') && y === 0n) {
      if (this.isEvaluating) throw cppError('division by zero');
      return this.number(0n, type);
    }
    return this.number(arithmetic[operator]!(x, y), type);
  }

  #distance(a: CppValue, b: CppValue): CppValue {
    const size = BigInt(sizeOfType(this.#console, { ...a.type, pointers: a.type.pointers - 1 }));
    const bytes = BigInt.asIntN(64, this.integer(a) - this.integer(b));
    return this.number(bytes / size, scalar(this.#console.system.target.pointerSize === 8 ? 'i64' : 'i32'));
  }

  #wider(a: CppType, b: CppType): CppType {
    const rank = ({ base, pointers }: CppType) =>
      pointers > 0 ? 'u64' : /^[ui](32|64)$/.test(base) ? base : 'i32';
    const order = ['i32', 'u32', 'i64', 'u64'];
    return scalar(order[Math.max(order.indexOf(rank(a)), order.indexOf(rank(b)))]!);
  }

  /** The value as an integer, read from memory where it is there. */
  integer(of: CppValue): bigint {
    if (of.value !== undefined) return of.value;
    return this.isEvaluating ? readCpp(this.#console, of) : 0n;
  }
}

const comparisons: Readonly<Record<string, (x: bigint, y: bigint) => boolean>> = {
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
