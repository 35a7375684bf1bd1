import { type DecoratedReader, Undecodable } from './decorated-reader.ts';
import { basicTypes } from './operator-names.ts';

/** Reads a qualified name: types hold names, whose templates hold types. */
export type ReadName = () => string;

const qualifiers: Readonly<Record<string, string>> = {
  A: '',
  B: ' const',
  C: ' volatile',
  D: ' const volatile',
};
/** What stands behind the star: P, Q, R, S. */
const pointerQualifiers: Readonly<Record<string, string>> = {
  P: '',
  Q: ' const',
  R: ' volatile',
  S: ' const volatile',
};
/** Letters of calling conventions, each also for exported functions. */
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
    return this.#reader.nested(() => this.#type());
  }

  /** The type that a function gives; `@` where it gives none, as constructors do. */
  result(): string {
    const reader = this.#reader;
    if (reader.skip('@')) return '';
    return reader.skip('?') ? this.#qualified() : this.type();
  }

  /** Calling convention. */
  convention(): string {
    const letter = this.#reader.next();
    const even = String.fromCharCode(((letter.charCodeAt(0) - 0x41) & ~1) + 0x41);
    const found = conventions[letter] ?? conventions[even];
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
      list.push(this.#parameter());
    }
    return list.join(',');
  }

  #parameter(): string {
    const reader = this.#reader;
    const digit = reader.nextIn('0', '9');
    if (digit !== undefined) return reader.keptType(digit);
    // Types of one letter are not worth remembering.
    const isShort = !reader.peek('_') && reader.nextIn('C', 'O');
    return isShort ? basic(isShort) : reader.keepType(this.type());
  }

  /** A type behind the letter of its qualifiers. */
  #qualified(): string {
    const qualifier = qualifiers[this.#reader.next()];
    if (qualifier === undefined) throw new Undecodable();
    return this.type() + qualifier;
  }

  #type(): string {
    const reader = this.#reader;
    if (reader.skip('$$')) return this.#extended();
    if (reader.skip('?')) return this.#qualified();
    const letter = reader.next();
    switch (letter) {
      case 'T':
      case 'U':
      case 'V':
        return this.#readName();
      case 'W':
        reader.next();
        return this.#readName();
      case 'P':
      case 'Q':
      case 'R':
      case 'S':
        return this.#pointer('*', pointerQualifiers[letter]!);
      case 'A':
        return this.#pointer('&', '');
      case 'B':
        return this.#pointer('&', ' volatile');
      case 'Y':
        return this.#array('');
      default:
        return basic(letter === '_' ? `_${reader.next()}` : letter);
    }
  }

  #extended(): string {
    const reader = this.#reader;
    if (reader.skip('Q')) return this.#pointer('&&', '');
    if (reader.skip('R')) return this.#pointer('&&', ' volatile');
    if (reader.skip('C')) return this.#qualified();
    if (reader.skip('B')) return this.type();
    if (reader.skip('T')) return 'std::nullptr_t';
    if (reader.skip('A6')) return this.#function('');
    if (reader.skip('A8@@')) return this.#function('', this.#thisQualifiers());
    throw new Undecodable();
  }

  #pointer(mark: string, own: string): string {
    const reader = this.#reader;
    // E: 64 bits, I: restrict, F: unaligned; the debugger's names do not show them.
    while (reader.nextIn('E', 'F') !== undefined || reader.skip('I')) continue;
    if (reader.skip('6')) return this.#function(`${mark}${own}`);
    if (reader.skip('8')) {
      const scope = this.#readName();
      return this.#function(`${scope}::${mark}${own}`, this.#thisQualifiers());
    }
    const member = reader.nextIn('Q', 'T');
    const letter = member === undefined ? reader.next() : String.fromCharCode(member.charCodeAt(0) - 0x10);
    const qualifier = qualifiers[letter];
    if (qualifier === undefined) throw new Undecodable();
    const scope = member === undefined ? '' : `${this.#readName()}::`;
    if (reader.skip('Y')) return this.#array(`${scope}${mark}${own}`, qualifier);
    return `${this.type()}${qualifier} ${scope}${mark}${own}`;
  }

  #thisQualifiers(): string {
    const reader = this.#reader;
    while (reader.nextIn('E', 'F') !== undefined || reader.skip('I')) continue;
    const reference = reader.skip('G') ? ' &' : reader.skip('H') ? ' &&' : '';
    const qualifier = qualifiers[reader.next()];
    if (qualifier === undefined) throw new Undecodable();
    return qualifier + reference;
  }

  /** A type of functions; `mark`: the star of a pointer to them. */
  #function(mark: string, ending = ''): string {
    const convention = this.convention();
    const result = this.result();
    const parameters = this.parameters();
    const exception = this.#reader.skip('_E') ? ' noexcept' : '';
    if (exception === '' && !this.#reader.skip('Z')) throw new Undecodable();
    const name = mark === '' ? ` ${convention}` : `(${convention} ${mark})`;
    return `${result}${mark === '' ? '' : ' '}${name}(${parameters})${ending}${exception}`;
  }

  #array(mark: string, qualifier = ''): string {
    const reader = this.#reader;
    const dimensions = Number(reader.number());
    if (dimensions < 1 || dimensions > 16) throw new Undecodable();
    const sizes = Array.from({ length: dimensions }, () => `[${reader.number()}]`).join('');
    const element = reader.skip('$$C') ? this.#qualified() : this.type();
    return `${element}${qualifier}${mark === '' ? '' : ` (${mark})`}${sizes}`;
  }
}

function basic(letter: string): string {
  const text = basicTypes[letter];
  if (text === undefined) throw new Undecodable();
  return text;
}
