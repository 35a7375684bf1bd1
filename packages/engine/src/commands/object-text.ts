import { DebuggerError, padHex, type Va } from '../base/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import { findObject } from '../windows/index.ts';
import type { Console } from './console.ts';
import { takeExpression } from './evaluate-in.ts';
import { type Line, type Span, span } from './output.ts';
import { findRegister } from './pseudo-registers.ts';

/** A pointer as displays of objects show it: no grave accent, 8 digits for null, question marks where it is missing. */
export function pointerText({ target, plainText }: CrashedSystem, value: Va | undefined): string {
  if (value === undefined) return '?'.repeat(target.pointerSize * 2);
  return value === 0n ? '00000000' : plainText(value);
}

/** The same as an address that a click goes on with. */
export const pointerSpan = (system: CrashedSystem, value: Va | undefined, command: string): Span =>
  value === undefined || value === 0n
    ? span(pointerText(system, value), 'dim')
    : span(pointerText(system, value), 'address', `${command} ${system.plainText(value)}`);

/** Can an object of the kernel be there? Null cannot. */
export const isKernelAddress = ({ target }: CrashedSystem, value: Va): boolean =>
  target.pointerSize === 4 ? (value & 0x8000_0000n) !== 0n : value >> 56n === 0xffn;

/** A warning where a pointer that every such object has leads nowhere in the kernel. */
export function doubtLines(
  system: CrashedSystem,
  what: string,
  member: string,
  value: Va | undefined,
): Line[] {
  if (value === undefined || isKernelAddress(system, value)) return [];
  return [
    [span(`This may be no ${what}, or damaged: its ${member} is no address of the kernel.`, 'warning')],
  ];
}

/** A number in hexadecimal with so many digits; question marks where it is missing. */
export const hexText = (value: number | bigint | undefined, digits: number): string =>
  value === undefined
    ? '?'.repeat(digits)
    : padHex(typeof value === 'number' && value < 0 ? value >>> 0 : value, digits);

/** A decimal number, or a question mark. */
export const countText = (value: number | bigint | undefined): string => value?.toString() ?? '?';

/** The name of a routine, in front of which a tab stands; nothing where none is known. */
export const routineText = ({ symbols }: CrashedSystem, value: Va | undefined): string =>
  (value === undefined || value === 0n ? undefined : symbols.nameOf(value)) ?? '';

/** One dim line about layouts that are not certain; none where they are those of this build. */
export function layoutLines({ structures }: CrashedSystem, names: readonly string[]): Line[] {
  const known = names.filter((name) => structures.find(name) !== undefined);
  const note = known.length === 0 ? undefined : structures.note(...known);
  return note === undefined ? [] : [[span(note, 'dim')]];
}

/** One dim line about members whose bytes are missing. */
export const missingLines = (missing: readonly string[]): Line[] =>
  missing.length === 0 ? [] : [[span(`Not in this dump: ${missing.join(', ')}.`, 'dim')]];

/** What a command about an object is asked for: the object, and the text behind it. */
export interface ObjectArgument {
  readonly address: Va;
  readonly rest: string;
}

/**
 * Takes an object off the beginning of a text: a path, a name in one of the directories, or an expression. As in the
 * debugger a name goes before an expression. A bare word that is no such name can still be a register; that of a module
 * is meant as a name.
 */
export function takeObject(console: Console, text: string, directories: readonly string[]): ObjectArgument {
  const [word = ''] = text.split(/\s/, 1);
  const rest = text.slice(word.length).trim();
  if (word.startsWith('\\')) return { address: findObject(console.system, word), rest };
  const canBeName = directories.length > 0 && /^[a-z_][\w.-]*$/i.test(word) && !isNumber(word);
  const found = canBeName ? findByName(console, word, directories) : undefined;
  if (found !== undefined && !(found instanceof DebuggerError)) return { address: found, rest };
  if (found === undefined) {
    const { value, rest: behind } = takeExpression(console, text);
    return { address: value, rest: behind };
  }
  const register = findRegister(console, word.toLowerCase());
  if (register === undefined) throw found;
  return { address: register, rest };
}

/** Digits that are no likely name. */
const isNumber = (word: string): boolean => /^(?:[\da-f]{5,}|\d[\da-f]*)h?$/i.test(word);

function findByName(console: Console, name: string, directories: readonly string[]): Va | DebuggerError {
  let first: DebuggerError | undefined;
  for (const directory of directories) {
    try {
      return findObject(console.system, `${directory}\\${name}`);
    } catch (error) {
      if (!(error instanceof DebuggerError)) throw error;
      first ??= error;
    }
  }
  return first!;
}
