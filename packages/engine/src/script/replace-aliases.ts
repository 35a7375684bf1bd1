import { DebuggerError } from '../base/index.ts';
import { asData, type Console } from '../commands/index.ts';

/** Most characters of a text after its aliases were replaced: an alias may stand for a whole file, and may be used often. */
const maxLength = 0x40_0000;

/**
 * A text with its aliases replaced, once: what they stand for is not looked through again, but that of the fixed-name ones
 * is, since they come first. Names are looked up among the variables of `.foreach` and scripts, then the user's aliases.
 * Semicolons of texts out of the dump are marked; `asTyped` gives them back where no command can begin any more.
 * Source: the debugger's documentation ("Using Aliases", "${ } (Alias Interpreter)").
 */
export function replaceAliases(console: Console, text: string): string {
  const fixed = text.includes('$') ? replaceFixed(console, text) : text;
  if (console.aliases.size === 0 && console.locals.length === 0 && !fixed.includes('${')) return fixed;
  const budget = new Budget();
  return fixed.replace(/[^\s;"]+/g, (word) => budget.take(replaceWord(console, word)));
}

/** The fixed-name aliases, and the automatic ones: they count wherever they stand, and are empty unless they were set. */
function replaceFixed(console: Console, text: string): string {
  const budget = new Budget();
  return text.replace(/\$u\d|\$(?:ntn?sym|CurrentDump(?:File|Path))(?!\w)/g, (name) =>
    budget.take(console.fixedAliases.get(name) ?? automaticAlias(console, name)),
  );
}

function automaticAlias({ path }: Console, name: string): string {
  const nameStart = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1;
  switch (name) {
    case '$ntnsym':
    case '$ntsym':
      return 'nt';
    case '$CurrentDumpFile':
      return path.slice(nameStart);
    case '$CurrentDumpPath':
      return path.slice(0, Math.max(0, nameStart - 1));
    default:
      return '';
  }
}

function replaceWord(console: Console, word: string): string {
  const value = valueOf(console, word);
  if (value !== undefined) return value;
  return word.includes('${')
    ? word.replace(/\$\{(\/[dfnv]:)?([^{}]*)\}/g, (...match) => token(console, match))
    : word;
}

/** `${Name}` and its switches. */
function token(console: Console, match: readonly unknown[]): string {
  const [whole, option, name] = match as [string, string | undefined, string];
  const value = valueOf(console, name);
  if (option === '/d:') return value === undefined ? '0' : '1';
  if (option === '/f:') return value ?? '';
  if (option === '/n:') return value === undefined ? whole : name;
  return option === '/v:' ? whole : (value ?? whole);
}

function valueOf({ aliases, locals }: Console, name: string): string | undefined {
  for (let at = locals.length - 1; at >= 0; at--) {
    const value = locals[at]!.get(name);
    if (value !== undefined) return asData(value);
  }
  return aliases.get(name);
}

/** Ends a replacement that makes a text too long. */
class Budget {
  #left = maxLength;

  take(text: string): string {
    this.#left -= text.length;
    if (this.#left >= 0) return text;
    throw new DebuggerError('SCRIPT_TOO_LONG', `aliases make this text longer than ${maxLength} characters`);
  }
}

const aliasCommand = /^(as|ad|al)(?![\w.])/i;

/**
 * A command with its aliases replaced. The alias commands keep the name that they are about; where one begins a line or
 * block, all of it stays as typed, but for `${/v:NAME}`, which is NAME to them.
 */
export function replaceInCommand(console: Console, command: string, begins: boolean): string {
  const kind = aliasCommand.exec(command)?.[1]!.toLowerCase();
  if (kind === undefined) return replaceAliases(console, command);
  if (kind === 'al') return command;
  const [, head, name, value] = /^(\w+\s*(?:\/\w+\s+)?)(\S*)(.*)$/s.exec(command)!;
  const plain = name!.replace(/^\$\{\/v:([^{}]*)\}$/, '$1');
  return `${head}${plain}${begins ? value! : replaceAliases(console, value!)}`;
}
