import { assert } from '@poolscope/engine/base';
import { type Instruction, mark } from '../image/code.ts';
import type { FunctionSpec } from '../image/image-spec.ts';
import type { Condition } from '../image/x64-alu.ts';
import {
  breakpoint,
  call,
  callImport,
  jump,
  lea,
  leaSymbol,
  move,
  moveFrom,
  moveImmediate,
  moveTo,
} from '../image/x64-code.ts';
import {
  add,
  compare,
  increment,
  jumpIf,
  moveConstant,
  moveWide,
  moveZeroExtended,
  repeatMoveBytes,
  repeatStoreBytes,
  setBit,
  shortJumpIf,
  test,
  writeIrql,
  xor,
} from '../image/x64-data.ts';
import { x64Function } from '../image/x64-function.ts';
import { at, atSymbol, type MemoryOperand } from '../image/x64-operands.ts';
import { allocated, type PrologStep, pushed } from '../image/x64-prolog.ts';
import type { OperandSize, X64Register } from '../image/x64-registers.ts';

/** A value that a function keeps across calls, in a register that calls preserve. */
export interface Variable {
  readonly register: X64Register;
}

/** Address of a constant or variable of the image. */
export interface ImageAddress {
  readonly symbol: string;
}

/** Address of a place in the function's own frame. */
export interface LocalAddress {
  readonly local: number;
}

/** A value of a routine: a number, or where one is kept. */
export type Value = number | bigint | Variable | ImageAddress | LocalAddress;

/** Where memory is accessed: a pointer that a variable holds and an offset, a local, or a variable of the image. */
export interface Place {
  readonly base: Variable | ImageAddress | LocalAddress;
  readonly offset?: number;
}

const argumentRegisters: readonly X64Register[] = ['rcx', 'rdx', 'r8', 'r9'];
/** What variables are kept in, in the order of a compiler; rsi and rdi stay free for moves of strings. */
const variableRegisters: readonly X64Register[] = ['rbx', 'rbp', 'r12', 'r13', 'r14', 'r15'];
/** Home slots of four arguments, and room for four more. */
const outgoing = 0x40;

const isVariable = (value: Value): value is Variable => typeof value === 'object' && 'register' in value;
const isLocal = (value: Value): value is LocalAddress => typeof value === 'object' && 'local' in value;

/**
 * A function of a driver, told step by step: what is written down is machine code, and the machine executes that code.
 * Names with `!` are functions of other images, called through the import table; others are functions of the driver.
 */
export class Routine {
  readonly #name: string;
  readonly #code: Instruction[] = [];
  readonly #used = new Set<X64Register>();
  #inUse = 0;
  #locals = 0;
  #labels = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Argument 1 to 4 of this function; to be asked for before anything else is called. */
  argument(number: 1 | 2 | 3 | 4, size: OperandSize = 8): Variable {
    const variable = this.#newVariable();
    const from = argumentRegisters[number - 1]!;
    if (size < 4) this.emit(moveZeroExtended(variable.register, from, size as 1 | 2));
    else this.emit(moveTo(variable.register, from, size));
    return variable;
  }

  /** Room in the function's frame. */
  local(bytes: number): LocalAddress {
    const local = outgoing + this.#locals;
    this.#locals += Math.ceil(bytes / 16) * 16;
    return { local };
  }

  emit(...code: Instruction[]): void {
    this.#code.push(...code);
  }

  /** Calls a function and drops its result. */
  call(symbol: string, ...values: readonly Value[]): void {
    assert(values.length <= 8, 'a call has at most eight arguments');
    for (const [index, value] of values.entries()) {
      if (index < 4) continue;
      this.#load('rax', value);
      this.emit(moveTo(at('rsp', 8 * index), 'rax'));
    }
    for (const [index, value] of values.slice(0, 4).entries()) this.#load(argumentRegisters[index]!, value);
    this.emit(symbol.includes('!') ? callImport(symbol) : call(symbol));
  }

  /** Calls a function and keeps what it returns. */
  result(symbol: string, ...values: readonly Value[]): Variable {
    this.call(symbol, ...values);
    const variable = this.#newVariable();
    this.emit(move(variable.register, 'rax'));
    return variable;
  }

  /** A variable with a value of its own. */
  variable(value: Value): Variable {
    const variable = this.#newVariable();
    this.#load(variable.register, value);
    return variable;
  }

  set(variable: Variable, value: Value): void {
    this.#load(variable.register, value);
  }

  add(variable: Variable, value: number | Variable): void {
    this.emit(add(variable.register, isVariable(value) ? value.register : value));
  }

  /** What memory holds, zero-extended. */
  load(base: Place['base'], offset = 0, size: OperandSize = 8): Variable {
    const variable = this.#newVariable();
    this.reload(variable, base, offset, size);
    return variable;
  }

  reload(variable: Variable, base: Place['base'], offset = 0, size: OperandSize = 8): void {
    const place = placeOf(base, offset);
    this.emit(
      size < 4
        ? moveZeroExtended(variable.register, place, size as 1 | 2)
        : moveFrom(variable.register, place, size),
    );
  }

  store(base: Place['base'], offset: number, value: Value, size: OperandSize = 8): void {
    const place = placeOf(base, offset);
    if (isVariable(value)) this.emit(moveTo(place, value.register, size));
    else if (typeof value === 'number' && fits(value, size)) this.emit(moveConstant(place, value, size));
    else {
      this.#load('rax', value);
      this.emit(moveTo(place, 'rax', size));
    }
  }

  /** rep movsb: an inlined RtlCopyMemory. */
  copy(to: Value, from: Value, bytes: Value): void {
    this.#load('rdi', to);
    this.#load('rsi', from);
    this.#load('rcx', bytes);
    this.emit(repeatMoveBytes());
  }

  /** rep stosb: an inlined RtlFillMemory. */
  fill(to: Value, byte: Value, bytes: Value): void {
    this.#load('rdi', to);
    this.#load('rcx', bytes);
    this.#load('rax', byte);
    this.emit(repeatStoreBytes());
  }

  /** Copies a text up to and with its closing NUL, whatever room there is: an inlined strcpy. */
  copyText(to: Value, text: Value): void {
    const again = this.#label();
    this.#load('rcx', to);
    this.#load('rdx', text);
    this.emit(
      mark(again),
      moveFrom('rax', at('rdx'), 1),
      moveTo(at('rcx'), 'rax', 1),
      increment('rdx'),
      increment('rcx'),
      test('rax', 'rax', 1),
      shortJumpIf('ne', again),
    );
  }

  /** Sets a bit of a bit map. */
  setBit(base: Variable, bit: Value): void {
    this.#load('rax', bit);
    this.emit(setBit(at(base.register), 'rax'));
  }

  /** Executes `body` when the comparison holds (unsigned conditions: a, ae, b, be). */
  when(left: Variable, condition: Condition, right: number | Variable, body: () => void): void {
    const skip = this.#label();
    this.#compare(left, right);
    this.emit(jumpIf(opposite[condition], skip));
    this.#scope(body);
    this.emit(mark(skip));
  }

  /** Executes `body` for each number from 0 on. */
  times(count: number | Variable, body: (index: Variable) => void): void {
    const [again, out] = [this.#label(), this.#label()];
    this.#scope(() => {
      const index = this.variable(0);
      this.emit(mark(again));
      this.#compare(index, count);
      this.emit(jumpIf('ae', out));
      this.#scope(() => body(index));
      this.emit(increment(index.register), jump(again), mark(out));
    });
  }

  raiseIrql(level: number): void {
    this.#load('rax', level);
    this.emit(writeIrql('rax'));
  }

  breakpoint(): void {
    this.emit(breakpoint());
  }

  /** The value that the function returns when it ends here. */
  returns(value: Value): void {
    this.#load('rax', value);
    this.emit(jump('return'));
  }

  /** The finished function. */
  finish(exported = false): FunctionSpec<PrologStep> {
    const kept = [...variableRegisters, 'rsi' as const, 'rdi' as const].filter((each) =>
      this.#used.has(each),
    );
    const size = outgoing + this.#locals + (kept.length % 2 === 0 ? 8 : 0);
    const prolog = [...kept.map(pushed), allocated(size)];
    return x64Function(this.#name, prolog, [...this.#code, mark('return')], { exported });
  }

  #compare(left: Variable, right: number | Variable): void {
    this.emit(compare(left.register, isVariable(right) ? right.register : right));
  }

  #label(): string {
    this.#labels += 1;
    return `.${this.#labels}`;
  }

  /** Variables that a block makes are free again behind it. */
  #scope(body: () => void): void {
    const before = this.#inUse;
    body();
    this.#inUse = before;
  }

  #newVariable(): Variable {
    const register = variableRegisters[this.#inUse];
    assert(register !== undefined, `${this.#name} keeps more values than registers can hold`);
    this.#inUse += 1;
    this.#used.add(register);
    return { register };
  }

  #load(register: X64Register, value: Value): void {
    if (register === 'rsi' || register === 'rdi') this.#used.add(register);
    if (typeof value === 'number') this.#loadNumber(register, value);
    else if (typeof value === 'bigint') this.emit(moveWide(register, value));
    else if (isVariable(value)) this.emit(move(register, value.register));
    else if (isLocal(value)) this.emit(lea(register, 'rsp', value.local));
    else this.emit(leaSymbol(register, value.symbol));
  }

  #loadNumber(register: X64Register, value: number): void {
    if (value === 0) this.emit(xor(register, register, 4));
    else if (value > 0 && value <= 0xffff_ffff) this.emit(moveImmediate(register, value));
    else this.emit(moveWide(register, BigInt(value)));
  }
}

const opposite: Readonly<Record<Condition, Condition>> = {
  o: 'no',
  no: 'o',
  b: 'ae',
  ae: 'b',
  e: 'ne',
  ne: 'e',
  be: 'a',
  a: 'be',
  s: 'ns',
  ns: 's',
  l: 'ge',
  ge: 'l',
  le: 'g',
  g: 'le',
};

const fits = (value: number, size: OperandSize): boolean =>
  size < 8 ? true : value >= -0x8000_0000 && value < 0x8000_0000;

function placeOf(base: Place['base'], offset: number): MemoryOperand {
  if (isVariable(base)) return at(base.register, offset);
  return isLocal(base) ? at('rsp', base.local + offset) : atSymbol(base.symbol, offset);
}
