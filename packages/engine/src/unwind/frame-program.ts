/** What a program asks for: values of names, and words of memory. Numbers of 32 bits without sign. */
export interface ProgramHost {
  /** `$esp`, `.cbLocals`; undefined: not known. */
  valueOf(name: string): number | undefined;
  /** Undefined: the word is not there. */
  read(address: number): number | undefined;
}

/** A value that comes out of something unknown. */
export const unknownValue = Number.NaN;

/** Programs of compilers have some twenty to forty words. */
const maxWords = 256;

/** An operand that was pushed: a number, or a name that may be set. */
type Operand = number | string;

/**
 * Runs a frame data program of x86, in postfix notation: `$T0 $ebp = $eip $T0 4 + ^ =`. Operands are decimal numbers and
 * names with `$` or `.` before them; operators are `=`, `+ - * / %`, `@` (rounds down to a multiple) and `^` (the word at an
 * address). Gives the names that were set, `unknownValue` where that came out, or undefined where the program is no such text.
 * Source: Microsoft's documentation of IDiaFrameData::get_program; `@` and the rest by the programs of real files.
 */
export function runFrameProgram(program: string, host: ProgramHost): ReadonlyMap<string, number> | undefined {
  const words = program.split(' ').filter((word) => word !== '');
  if (words.length > maxWords) return undefined;
  const run = new ProgramRun(host);
  return words.every((word) => run.step(word)) && run.isDone ? run.set : undefined;
}

class ProgramRun {
  readonly set = new Map<string, number>();
  readonly #host: ProgramHost;
  readonly #stack: Operand[] = [];

  constructor(host: ProgramHost) {
    this.#host = host;
  }

  get isDone(): boolean {
    return this.#stack.length === 0;
  }

  /** False: the program ends here, without a result. */
  step(word: string): boolean {
    if (/^\d{1,10}$/.test(word)) return this.#push(Number(word) >>> 0);
    if (/^[$.]\w+$/.test(word)) return this.#push(word);
    if (word === '=') return this.#assign();
    const right = this.#pop();
    if (right === undefined) return false;
    if (word === '^')
      return this.#push(Number.isNaN(right) ? right : (this.#host.read(right) ?? unknownValue));
    const left = this.#pop();
    return left !== undefined && this.#push(calculate(word, left, right));
  }

  #assign(): boolean {
    const value = this.#pop();
    const name = this.#stack.pop();
    if (value === undefined || typeof name !== 'string') return false;
    this.set.set(name, value);
    return true;
  }

  #push(operand: Operand | undefined): boolean {
    if (operand === undefined) return false;
    this.#stack.push(operand);
    return true;
  }

  #pop(): number | undefined {
    const operand = this.#stack.pop();
    if (typeof operand !== 'string') return operand;
    return this.set.get(operand) ?? this.#host.valueOf(operand) ?? unknownValue;
  }
}

/** Undefined: there is no such operator. */
function calculate(operator: string, left: number, right: number): number | undefined {
  const result = Object.hasOwn(operations, operator) ? operations[operator]!(left, right) : undefined;
  return result === undefined || Number.isNaN(result) ? result : result >>> 0;
}

const operations: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => (Number.isNaN(left + right) ? unknownValue : Math.imul(left, right)),
  // By 0: not a number.
  '/': (left, right) => (right === 0 ? unknownValue : Math.floor(left / right)),
  '%': (left, right) => left % right,
  '@': (left, right) => left - (left % right),
};
