import { wildcardMatcher } from '../expr/index.ts';
import type { StructureType } from '../types/index.ts';

/** What the arguments of `dt` ask for. */
export interface TypeRequest {
  /** `nt!_POOL_HEADER`, or a pattern. */
  readonly name: string;
  readonly fields: readonly string[];
  /** As typed; empty: none. */
  readonly address: string;
  /** Levels of `-r`; undefined: none. */
  readonly recursion: number | undefined;
  readonly blocks: boolean;
  readonly verbose: boolean;
  readonly noOffsets: boolean;
  /** Elements of arrays, each on its own row: how many at most. */
  readonly elements: number | undefined;
  /** Was this number typed? */
  readonly isCounted: boolean;
  /** Member that leads to the next one of a list. */
  readonly list: string | undefined;
  /** Names of members are only beginnings. */
  readonly prefixes: boolean;
}

/** Levels that `-r` follows when it has no number, as in the debugger's documentation. */
const allLevels = 5;

const maxNumber = 0x10_0000;

/** Words of the arguments: options, a name, then members and an address in any order. Undefined: no such option. */
export function parseTypeRequest(text: string): TypeRequest | { readonly unknown: string } {
  const words = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  const request = {
    name: '',
    rest: [] as string[],
    recursion: undefined as number | undefined,
    elements: undefined as number | undefined,
    isCounted: false,
    list: undefined as string | undefined,
    letters: new Set<string>(),
  };
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const option = /^-([a-z])(\d*)$/.exec(word);
    if (word === '-') continue;
    if (option === null && /^-[a-z]/.test(word)) return { unknown: word };
    if (option === null) {
      if (request.name === '') request.name = word;
      else request.rest.push(word);
      continue;
    }
    const [, letter = '', digits = ''] = option;
    const number = Math.min(Number(digits === '' ? 0 : digits), maxNumber);
    if (!'abcdeinortvyl'.includes(letter)) return { unknown: word };
    request.letters.add(letter);
    if (letter === 'r') request.recursion = digits === '' ? allLevels : number;
    if (letter === 'a') {
      request.elements = digits === '' ? maxNumber : number;
      request.isCounted = digits !== '';
    }
    if (letter === 'l') request.list = words[++at] ?? '';
    if (letter === 'y' && words[at + 1] !== undefined && request.name !== '') request.rest.push(words[++at]!);
  }
  const { letters, rest, ...known } = request;
  return {
    ...known,
    fields: rest,
    address: '',
    blocks: letters.has('b'),
    verbose: letters.has('v'),
    noOffsets: letters.has('o'),
    prefixes: letters.has('y'),
  };
}

/** Sorts the words behind the name: those that name members of the type, and the expression of an address. */
export function sortWords(request: TypeRequest, type: StructureType): TypeRequest {
  const fields: string[] = [];
  const address: string[] = [];
  for (const word of request.fields) {
    const isField = isMember(type, word, request.prefixes);
    if (isField && address.length < 2) fields.push(word);
    else address.push(word);
  }
  return { ...request, fields, address: address.join(' ') };
}

function isMember(type: StructureType, word: string, prefixes: boolean): boolean {
  if (!/^[A-Za-z_*?#][\w*?.#[\]]*$/.test(word)) return false;
  if (type.member(word.replace(/\.$/, '')) !== undefined) return true;
  return namesOf(type).some(fits(word, prefixes));
}

/** Tests of names of members for what was typed: whole, with wildcards, or the beginning. */
export const fits = (word: string, prefixes: boolean): ((name: string) => boolean) =>
  wildcardMatcher(prefixes && !word.endsWith('*') ? `${word}*` : word);

const namesOf = (type: StructureType): string[] =>
  type.members.map(({ path }) => path).filter((path) => !path.includes('.'));
