/** Letters of one decorated name; nothing of it may be nested deeper or shown longer than here. */
const maxDepth = 48;
const maxText = 4096;
/** Letters that digits may stand for in one name. */
const maxRepeated = 0x10000;

/** A name that does not follow the rules, or uses ones that are not known here. */
export class Undecodable extends Error {}

/** The text of a decorated name, read from the left, and the pieces that later digits stand for. */
export class DecoratedReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #names: string[] = [];
  #types: string[] = [];
  #repeated = 0;

  constructor(text: string) {
    this.#text = text;
  }

  peek(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  /** Goes over `text` when it comes next. */
  skip(text: string): boolean {
    const found = this.peek(text);
    if (found) this.#at += text.length;
    return found;
  }

  next(): string {
    const letter = this.#text[this.#at++];
    if (letter === undefined) throw new Undecodable();
    return letter;
  }

  /** One letter in a range; undefined, and nothing read, when another one comes. */
  nextIn(first: string, last: string): string | undefined {
    const letter = this.#text[this.#at];
    if (letter === undefined || letter < first || letter > last) return undefined;
    this.#at++;
    return letter;
  }

  /** Text up to a letter, which is read too. */
  until(letter: string): string {
    const end = this.#text.indexOf(letter, this.#at);
    if (end < 0) throw new Undecodable();
    const text = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return text;
  }

  /** A digit stands for itself plus one; others are written with A to P and end with `@`; `?` is the sign. */
  number(): bigint {
    const sign = this.skip('?') ? -1n : 1n;
    const digit = this.nextIn('0', '9');
    if (digit !== undefined) return sign * (BigInt(digit) + 1n);
    const digits = this.until('@');
    if (!/^[A-P]{0,16}$/.test(digits)) throw new Undecodable();
    let value = 0n;
    for (const letter of digits) value = value * 16n + BigInt(letter.charCodeAt(0) - 0x41);
    return sign * value;
  }

  /** Remembers a name: the first ten are written as digits when they come again. */
  keepName(text: string): string {
    if (this.#names.length < 10 && !this.#names.includes(text)) this.#names.push(text);
    return checked(text);
  }

  keptName(digit: string): string {
    return this.#repeat(this.#names[Number(digit)]);
  }

  /** The same for types of arguments. */
  keepType(text: string): string {
    if (this.#types.length < 10) this.#types.push(text);
    return checked(text);
  }

  keptType(digit: string): string {
    return this.#repeat(this.#types[Number(digit)]);
  }

  /** Arguments of a template count their pieces for themselves. */
  ownPieces<Result>(read: () => Result): Result {
    const outer = [this.#names, this.#types] as const;
    [this.#names, this.#types] = [[], []];
    const result = this.nested(read);
    [this.#names, this.#types] = outer;
    return result;
  }

  nested<Result>(read: () => Result): Result {
    if (++this.#depth > maxDepth) throw new Undecodable();
    const result = read();
    this.#depth--;
    return result;
  }

  #repeat(text: string | undefined): string {
    if (text === undefined) throw new Undecodable();
    this.#repeated += text.length;
    if (this.#repeated > maxRepeated) throw new Undecodable();
    return text;
  }
}

function checked(text: string): string {
  if (text.length > maxText) throw new Undecodable();
  return text;
}
