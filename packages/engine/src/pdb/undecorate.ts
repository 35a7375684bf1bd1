import { DecoratedReader, Undecodable } from './decorated-reader.ts';
import { DecoratedTypes } from './decorated-types.ts';
import { operators } from './operator-names.ts';

/** Letters; compilers cut names before that. */
const maxShown = 4096;

/**
 * A public symbol's name as the debugger shows it: C++ names as `Class::Method` without types, C names without the
 * underscore and the bytes of arguments. What cannot be read stays as it is.
 */
export function undecorate(name: string): string {
  if (name.startsWith('?')) return undecorateCpp(name) ?? name;
  // __fastcall and __vectorcall of x86: @Name@8, Name@@16.
  const fast = /^@([^@]+)@\d+$/.exec(name)?.[1] ?? /^([^@]+)@@\d+$/.exec(name)?.[1];
  if (fast !== undefined) return fast;
  if (!name.startsWith('_') || name.length === 1) return name;
  return /^_([^@]+)@\d+$/.exec(name)?.[1] ?? name.slice(1);
}

/** Undefined when the name does not follow the rules as far as they are known here. */
function undecorateCpp(name: string): string | undefined {
  try {
    const shown = new NameReader(name).symbol();
    return shown.length > maxShown ? undefined : shown;
  } catch (error) {
    if (error instanceof Undecodable) return undefined;
    throw error;
  }
}

/** Source of the rules: LLVM's MicrosoftDemangle; Agner Fog, Calling conventions, chapter 8. */
class NameReader {
  readonly #reader: DecoratedReader;
  readonly #types: DecoratedTypes;

  constructor(text: string) {
    this.#reader = new DecoratedReader(text);
    this.#types = new DecoratedTypes(this.#reader, () => this.#qualifiedType());
  }

  symbol(): string {
    const reader = this.#reader;
    if (!reader.skip('?') || reader.peek('@')) throw new Undecodable();
    if (reader.peek('?_C@_')) return this.#stringLiteral();
    if (reader.skip('?_R0')) return `${this.#types.result()} \`RTTI Type Descriptor'`;
    if (reader.skip('?__E')) return this.#initializer('dynamic initializer for');
    if (reader.skip('?__F')) return this.#initializer('dynamic atexit destructor for');
    return reader.nested(() => this.#symbolName());
  }

  /** A string of the program: only its hash is in the name. */
  #stringLiteral(): string {
    const reader = this.#reader;
    reader.skip('?_C@_');
    reader.next();
    reader.number();
    const hash = reader.until('@');
    return ` ?? ::${hash}::\`string'`;
  }

  #initializer(what: string): string {
    const reader = this.#reader;
    const target = reader.peek('?') ? this.symbol() : this.#symbolName();
    return `\`${what} '${target}''`;
  }

  #symbolName(): string {
    const reader = this.#reader;
    if (reader.skip('?$?')) return this.#operatorTemplate();
    if (!reader.peek('?') || reader.peek('?$')) {
      const plain = this.#unqualified();
      return [...this.#scopes(), plain].join('::');
    }
    reader.skip('?');
    return this.#special();
  }

  /** `?$?H...`: an operator or constructor that is a template. */
  #operatorTemplate(): string {
    const letters = this.#operatorLetters();
    return this.#operator(
      letters,
      this.#reader.ownPieces(() => this.#arguments()),
    );
  }

  #operatorLetters(): string {
    const reader = this.#reader;
    const letter = reader.next();
    if (letter !== '_') return letter;
    const second = reader.next();
    return second === '_' ? `__${reader.next()}` : `_${second}`;
  }

  #special(): string {
    return this.#operator(this.#operatorLetters(), '');
  }

  /** `list`: the arguments of its template. */
  #operator(letters: string, list: string): string {
    switch (letters) {
      case '0':
      case '1':
        return this.#structor(letters === '1' ? '~' : '', list);
      case 'B':
        return this.#conversion(list);
      case '_R':
        return this.#runtimeType();
      case '__K':
        return this.#literal();
      default: {
        const name = operatorName(letters) + list;
        return [...this.#scopes(), name].join('::');
      }
    }
  }

  /** Constructors and destructors are named like their class. */
  #structor(mark: string, list: string): string {
    const scopes = this.#scopes();
    const own = scopes.at(-1);
    if (own === undefined) throw new Undecodable();
    return [...scopes, mark + own + list].join('::');
  }

  #literal(): string {
    const name = `operator "" ${this.#reader.until('@')}`;
    return [...this.#scopes(), name].join('::');
  }

  /** Named by the type that it gives, which stands behind the kind of the member function. */
  #conversion(list: string): string {
    const scopes = this.#scopes();
    this.#reader.next();
    this.#types.thisQualifiers();
    this.#types.convention();
    return [...scopes, `operator${list} ${this.#types.result()}`].join('::');
  }

  #runtimeType(): string {
    const reader = this.#reader;
    const kind = reader.next();
    const names: Readonly<Record<string, string>> = {
      2: "`RTTI Base Class Array'",
      3: "`RTTI Class Hierarchy Descriptor'",
      4: "`RTTI Complete Object Locator'",
    };
    const numbers = kind === '1' ? Array.from({ length: 4 }, () => reader.number()).join(',') : '';
    const name = kind === '1' ? `\`RTTI Base Class Descriptor at (${numbers})'` : names[kind];
    if (name === undefined) throw new Undecodable();
    return [...this.#scopes(), name].join('::');
  }

  #qualifiedType(): string {
    const own = this.#unqualified();
    return [...this.#scopes(), own].join('::');
  }

  /** Scopes up to the `@` that ends them, the outermost first. */
  #scopes(): string[] {
    const scopes: string[] = [];
    while (!this.#reader.skip('@')) scopes.unshift(this.#reader.nested(() => this.#scope()));
    return scopes;
  }

  #scope(): string {
    const reader = this.#reader;
    if (!reader.peek('?') || reader.peek('?$')) return this.#unqualified();
    reader.skip('?');
    if (reader.skip('A')) {
      reader.keepName(`?A${reader.until('@')}`);
      return "`anonymous namespace'";
    }
    if (reader.peek('?')) return `\`${this.symbol()}'`;
    const number = reader.number();
    if (!reader.skip('?')) return `\`${number}'`;
    // A scope inside of a function: the function's whole name follows, with its types.
    return `${this.#enclosing()}::\`${number}'`;
  }

  #enclosing(): string {
    const name = this.symbol();
    this.#functionType();
    return `\`${name}'`;
  }

  /** Goes over the type of a function or variable, to what follows. */
  #functionType(): void {
    const reader = this.#reader;
    const kind = reader.next();
    if (kind === '9') return;
    if (/[0-5]/.test(kind)) {
      this.#types.type();
      this.#types.skipModifiers();
      reader.next();
      return;
    }
    if (!/[A-Z]/.test(kind)) throw new Undecodable();
    const isMember = kind < 'Y' && !'CDKLST'.includes(kind);
    if ('GHOPWX'.includes(kind)) reader.number();
    if (isMember) this.#types.thisQualifiers();
    this.#types.convention();
    this.#types.result();
    this.#types.parameters();
    if (!reader.skip('_E') && !reader.skip('Z')) throw new Undecodable();
  }

  #unqualified(): string {
    const reader = this.#reader;
    const digit = reader.nextIn('0', '9');
    if (digit !== undefined) return reader.keptName(digit);
    if (reader.skip('?$')) return reader.keepName(this.#template());
    if (reader.peek('?') || reader.peek('@')) throw new Undecodable();
    const name = reader.until('@');
    return reader.keepName(name);
  }

  #template(): string {
    return this.#reader.ownPieces(() => {
      const name = this.#unqualified();
      return `${name}${this.#arguments()}`;
    });
  }

  #arguments(): string {
    const reader = this.#reader;
    const list: string[] = [];
    while (!reader.skip('@')) {
      if (reader.skip('$$V') || reader.skip('$$$V') || reader.skip('$$Z')) continue;
      list.push(this.#argument());
    }
    const text = list.join(',');
    return `<${text}${text.endsWith('>') ? ' ' : ''}>`;
  }

  #argument(): string {
    const reader = this.#reader;
    if (reader.skip('$0')) return reader.number().toString();
    // The address of a function or variable.
    if (reader.skip('$1')) return this.#address();
    if (reader.skip('$E')) return this.#address().slice(1);
    if (reader.skip('$M')) {
      this.#types.type();
      return this.#untypedArgument();
    }
    return this.#types.argument();
  }

  #untypedArgument(): string {
    const reader = this.#reader;
    if (reader.skip('0')) return reader.number().toString();
    if (reader.skip('1')) return this.#address();
    throw new Undecodable();
  }

  #address(): string {
    if (this.#reader.skip('@')) return '0';
    const name = this.symbol();
    this.#functionType();
    return `&${name}`;
  }
}

function operatorName(letters: string): string {
  const name = operators[letters];
  if (name === undefined) throw new Undecodable();
  return name;
}
