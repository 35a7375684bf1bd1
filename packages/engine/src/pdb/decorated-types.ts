import { type DecoratedReader, Undecodable } from './decorated-reader.ts';
import { basicTypes } from './operator-names.ts';
import { plainType, pointerTo, qualify, type TypeText, textOfType } from './type-text.ts';

/** Reads a qualified name: types hold names, whose templates hold types. */
export type ReadName = () => string;

const qualifiers: Readonly<Record<string, string>> = {
  A: '',
  B: ' const',
  C: ' volatile',
  D: ' const volatile',
};
/** Kinds of pointers and references: what they write, and their own qualifier. */
const pointers: Readonly<Record<string, readonly [star: string, qualifier: string]>> = {
  P: ['*', ''],
  Q: ['*', ' const'],
  R: ['*', ' volatile'],
  S: ['*', ' const volatile'],
  A: ['&', ''],
  B: ['&', ' volatile'],
};
/** Letters of calling conventions; the letter behind each says the same of an exported function. */
const conventions: Readonly<Record<string, string>> = {
  A: '__cdecl',
  C: '__pascal',
  E: '__thiscall',
  G: '__stdcall',
  I: '__fastcall',
  M: '__clrcall',
  O: '__eabi',
  Q: '__vectorcall',
};

/** Types as decorated names write them, in the words of the debugger: without `class` and the like. */
export class DecoratedTypes {
  readonly #reader: DecoratedReader;
  readonly #readName: ReadName;

  constructor(reader: DecoratedReader, readName: ReadName) {
    this.#reader = reader;
    this.#readName = readName;
  }

  type(): string {
    return textOfType(this.#nested());
  }

  /** The type that a function gives; `@` where it gives none, as constructors do. */
  result(): string {
    return textOfType(this.#result());
  }

  /** Calling convention. */
  convention(): string {
    const letter = this.#reader.next();
    const even = String.fromCharCode(((letter.charCodeAt(0) - 0x41) & ~1) + 0x41);
    const found = conventions[even];
    if (found === undefined) throw new Undecodable();
    return found;
  }

  /** Arguments of a function, up to the end of their list. */
  parameters(): string {
    const reader = this.#reader;
    if (reader.skip('X')) return 'void';
    const list: string[] = [];
    while (!reader.skip('@')) {
      if (reader.skip('Z')) return [...list, '...'].join(',');
      list.push(this.argument());
    }
    return list.join(',');
  }

  /** A type that a digit may stand for when it comes again. */
  argument(): string {
    const reader = this.#reader;
    const digit = reader.nextIn('0', '9');
    if (digit !== undefined) return reader.keptType(digit);
    // Types of one letter are not worth remembering.
    const short = reader.nextIn('C', 'O');
    return short === undefined ? reader.keepType(this.type()) : basic(short);
  }

  /** Goes over what says that a pointer has 64 bits or is restricted: the debugger's names do not show it. */
  skipModifiers(): void {
    while (this.#reader.nextIn('E', 'F') !== undefined || this.#reader.skip('I')) continue;
  }

  /** Qualifiers of the object that a member function is called for. */
  thisQualifiers(): string {
    this.skipModifiers();
    const reference = this.#reader.skip('G') ? ' &' : this.#reader.skip('H') ? ' &&' : '';
    return this.#qualifier() + reference;
  }

  #result(): TypeText {
    const reader = this.#reader;
    if (reader.skip('@')) return plainType('');
    return reader.skip('?') ? this.#qualified() : this.#nested();
  }

  #nested(): TypeText {
    return this.#reader.nested(() => this.#type());
  }

  #qualifier(): string {
    const found = qualifiers[this.#reader.next()];
    if (found === undefined) throw new Undecodable();
    return found;
  }

  /** A type behind the letter of its qualifiers. */
  #qualified(): TypeText {
    const qualifier = this.#qualifier();
    return qualify(this.#nested(), qualifier);
  }

  #type(): TypeText {
    const reader = this.#reader;
    if (reader.skip('$$')) return this.#extended();
    if (reader.skip('?')) return this.#qualified();
    const letter = reader.next();
    const pointer = pointers[letter];
    if (pointer !== undefined) return this.#pointer(...pointer);
    if (letter === 'Y') return this.#array();
    // Enumerations carry the letter of their size.
    if (letter === 'W') reader.next();
    if ('TUVW'.includes(letter)) return plainType(this.#readName());
    return plainType(basic(letter === '_' ? `_${reader.next()}` : letter));
  }

  #extended(): TypeText {
    const reader = this.#reader;
    if (reader.skip('Q')) return this.#pointer('&&', '');
    if (reader.skip('R')) return this.#pointer('&&', ' volatile');
    if (reader.skip('C')) return this.#qualified();
    if (reader.skip('B')) return this.#nested();
    if (reader.skip('T')) return plainType('std::nullptr_t');
    if (reader.skip('A6')) return this.#function('');
    if (reader.skip('A8@@')) return this.#function(this.thisQualifiers());
    throw new Undecodable();
  }

  #pointer(star: string, own: string): TypeText {
    const reader = this.#reader;
    this.skipModifiers();
    if (reader.skip('6')) return pointerTo(this.#function(''), star, own);
    if (reader.skip('8')) {
      const scope = this.#readName();
      return pointerTo(this.#function(this.thisQualifiers()), `${scope}::${star}`, own);
    }
    // Pointers to members have letters of their own.
    const member = reader.nextIn('Q', 'T');
    const qualifier = member === undefined ? this.#qualifier() : qualifiers['ABCD'['QRST'.indexOf(member)]!]!;
    const scope = member === undefined ? '' : `${this.#readName()}::`;
    return pointerTo(qualify(this.#nested(), qualifier), `${scope}${star}`, own);
  }

  #function(ending: string): TypeText {
    const wrap = this.convention();
    const result = this.#result();
    const parameters = this.parameters();
    const exception = this.#reader.skip('_E') ? ' noexcept' : '';
    if (exception === '' && !this.#reader.skip('Z')) throw new Undecodable();
    const right = `(${parameters})${ending}${exception}${result.right}`;
    return { left: result.left, right, wrap, isWrapped: false, isPointer: false };
  }

  #array(): TypeText {
    const dimensions = Number(this.#reader.number());
    if (dimensions < 1 || dimensions > 16) throw new Undecodable();
    const sizes = Array.from({ length: dimensions }, () => `[${this.#reader.number()}]`).join('');
    const element = this.#nested();
    return { ...element, right: sizes + element.right, wrap: '' };
  }
}

function basic(letter: string): string {
  const text = basicTypes[letter];
  if (text === undefined) throw new Undecodable();
  return text;
}
