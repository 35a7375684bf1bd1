import { DebuggerError, type Va } from '../base/index.ts';
import { type BytePattern, type MemoryRange, textPattern, valuePattern } from '../memory/index.ts';
import { bigHex } from './call-text.ts';
import type { Console } from './console.ts';
import { evaluateIn, takeExpression } from './evaluate-in.ts';
import { takeQuoted } from './quoted-text.ts';
import { takeRange } from './range.ts';

export type SearchType = 'b' | 'w' | 'd' | 'q' | 'a' | 'u' | 'sa' | 'su';

/** A search as typed: `s [-[FLAGS]TYPE] RANGE [PATTERN]`. */
export interface SearchRequest {
  readonly type: SearchType;
  readonly range: MemoryRange;
  /** The last address, where the range was given by it. */
  readonly endsAt: Va | undefined;
  /** Of -sa and -su there is none. */
  readonly pattern: BytePattern | undefined;
  /** JavaScript that makes the pattern. */
  readonly patternCall: string;
  /** `1`: addresses alone. */
  readonly brief: boolean;
  /** `w` */
  readonly writable: boolean;
  /** `s`: how many hits are kept for later, `n` says otherwise than 1024. */
  readonly save: number | undefined;
  /** `r`: looks at the hits that were saved. */
  readonly restrict: boolean;
  /** `l`: fewest characters of a string. */
  readonly shortest: number;
}

const usage = (message: string): DebuggerError => new DebuggerError('COMMAND_USAGE', message);

/** Throws COMMAND_USAGE, or what its expressions throw. */
export function readSearch(console: Console, args: string): SearchRequest {
  const options = /^-\s*(?:\[([^\]]*)\]\s*)?([a-z]*)(?=\s|$)\s*/i.exec(args);
  if (options === null && args.startsWith('-'))
    throw usage('after - comes a type, with flags in brackets before it');
  const type = typeOf(options?.[2] ?? '');
  const flags = readFlags(console, options?.[1] ?? '');
  const { range, rest } = takeRange(console, args.slice(options?.[0].length ?? 0), { elementSize: 1 });
  const lists = type === 'sa' || type === 'su';
  if (lists && rest !== '')
    throw usage(`-${type} lists all texts and takes no pattern: '${rest.slice(0, 40)}'`);
  if (!lists && rest === '') throw usage('the pattern is missing');
  if (lists && flags.restrict) throw usage(`-${type} searches a range, not saved hits`);
  return {
    type,
    range: { start: range.start, end: range.start + range.length },
    endsAt: range.by === 'end' ? range.start + range.length - 1n : undefined,
    ...(lists ? { pattern: undefined, patternCall: '' } : readPattern(console, type, rest)),
    ...flags,
  };
}

function typeOf(text: string): SearchType {
  const type = text.toLowerCase();
  if (type === '') return 'b';
  if (['b', 'w', 'd', 'q', 'a', 'u', 'sa', 'su'].includes(type)) return type as SearchType;
  if (type === 'v')
    throw new DebuggerError(
      'COMMAND_NOT_HERE',
      's -v needs the types of C++ classes; s -q finds their pointers',
    );
  throw usage(`'${text}' is no type: b, w, d, q, a, u, sa or su`);
}

const usualSaved = 1024;
const usualShortest = 3;

function readFlags(console: Console, text: string) {
  let save: number | undefined;
  let hits = usualSaved;
  let shortest = usualShortest;
  const set = new Set<string>();
  for (let rest = text; rest !== ''; ) {
    const flag = /^(?:([srw1])|([ln])\s*((?:0[xnty])?[\da-f]+))/i.exec(rest);
    if (flag === null) throw usage(`'${rest}' is no flag of a search: s r n HITS l LENGTH w 1`);
    rest = rest.slice(flag[0].length);
    if (flag[1] !== undefined) set.add(flag[1].toLowerCase());
    else if (flag[2]!.toLowerCase() === 'l') shortest = smallNumber(console, flag[3]!, 'LENGTH');
    else hits = smallNumber(console, flag[3]!, 'HITS');
  }
  if (set.has('s') && set.has('r')) throw usage('the flags s and r exclude each other');
  if (set.has('s')) save = hits;
  return { brief: set.has('1'), writable: set.has('w'), restrict: set.has('r'), save, shortest };
}

function smallNumber(console: Console, text: string, what: string): number {
  const value = evaluateIn(console, text);
  if (value < 1n || value > 0x1_0000n) throw usage(`${what} is between 1 and 10000 (hexadecimal)`);
  return Number(value);
}

type Pattern = Pick<SearchRequest, 'pattern' | 'patternCall'>;

function readPattern(console: Console, type: SearchType, text: string): Pattern {
  if (type === 'a' || type === 'u') return textOf(unquoted(text), type === 'a' ? 1 : 2);
  const size = type === 'q' ? 8 : type === 'd' ? 4 : type === 'w' ? 2 : 1;
  const values: bigint[] = [];
  for (let rest = text.trim(); rest !== ''; ) {
    const quoted = /^'([^']+)'\s*|^"([^"]+)"\s*/.exec(rest);
    if (quoted === null) {
      const taken = takeExpression(console, rest);
      values.push(fitting(taken.value, size, rest));
      if (taken.rest.length >= rest.length) throw usage(`'${rest.slice(0, 40)}' is no value`);
      rest = taken.rest;
    } else {
      if (quoted[2] !== undefined && size > 1) throw usage('a text in double quotes is for -b, -a and -u');
      values.push(...charactersOf(quoted[1] ?? quoted[2]!, size));
      rest = rest.slice(quoted[0].length);
    }
  }
  return {
    pattern: valuePattern(values, size),
    patternCall: `engine.valuePattern([${values.map(bigHex).join(', ')}], ${size})`,
  };
}

const textOf = (text: string, unit: 1 | 2): Pattern => ({
  pattern: textPattern(text, unit),
  patternCall: `engine.textPattern(${JSON.stringify(text)}, ${unit})`,
});

/** A text may stand in double quotes; without them it is the rest of the line. */
function unquoted(text: string): string {
  const quoted = takeQuoted(text);
  if (quoted === undefined) return text.trim();
  if (quoted.rest !== '') throw usage(`there is more behind the text: '${quoted.rest}'`);
  return quoted.text;
}

/** `'VUTS'` is one number with V at the top; among bytes every character is one of its own. */
function charactersOf(text: string, size: number): bigint[] {
  const codes = Array.from({ length: text.length }, (_, index) => BigInt(text.charCodeAt(index)));
  if (codes.some((code) => code > 0xffn))
    throw usage(`'${text}' has characters without a byte of their own; search with -u`);
  if (size === 1) return codes;
  if (text.length > size) throw usage(`'${text}' has more than ${size} characters`);
  return [codes.reduce((value, code) => (value << 8n) | code, 0n)];
}

/** A value of `size` bytes; negative ones and sign-extended addresses lose their upper half. */
function fitting(value: bigint, size: number, text: string): bigint {
  const bits = BigInt(size * 8);
  const negative = value >= (1n << 64n) - (1n << (bits - 1n));
  if (value >> bits !== 0n && !negative)
    throw usage(`the value at '${text.slice(0, 40)}' does not fit into ${size} byte${size === 1 ? '' : 's'}`);
  return BigInt.asUintN(Number(bits), value);
}
