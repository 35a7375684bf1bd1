import { padHex } from '../base/index.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { dmlParts } from './dml.ts';
import { evaluateIn } from './evaluate-in.ts';
import type { Line, Span } from './output.ts';
import { type Conversion, floatText, integerText, pad, parseFormat } from './printf-format.ts';
import { isTextKind, readTargetText } from './target-text.ts';

export const printfCommand: Command = {
  names: ['.printf'],
  usage: '[/D] "FORMAT" [, ARG]...',
  summary: 'print values as printf does',
  group: 'scripts',
  details: [
    '%x %X %d %i %u %o %c   32 bits of a value, with I64 or ll 64',
    '%p           an address                             %f %e %g   with l 64 bits      %%  a %',
    '%ma %mu      a text in memory that ends with NUL    %msa %msu  an ANSI_STRING, a UNICODE_STRING',
    '%y %ly       the name of an address                 \\n \\t \\" \\\\    as in C',
    'Without \\n at its end, what is printed next goes on the same line. /D reads links and styles (DML).',
  ],
  examples: ['.printf "%p is in %y\\n", @rip, @rip', '.printf "%-8d|%08x\\n", 0n42, poi(@rsp)'],
  run(console, args) {
    const { isDml, format, values } = parse(args);
    const text = fill(console, format, values);
    return { data: text, lines: linesOf(isDml ? dmlParts(text) : [text]), continues: true };
  },
};

interface Parsed {
  readonly isDml: boolean;
  readonly format: string;
  readonly values: readonly string[];
}

function parse(args: string): Parsed {
  const match = /^((?:\/\w+\s+)*)"((?:[^"\\]|\\[\s\S])*)"\s*(?:,([\s\S]*))?$/.exec(args);
  if (match === null)
    throw usageError(printfCommand, 'a format in quotes is needed, and commas between arguments');
  const [, options, format, values] = match;
  const unknown = options!.split(/\s+/).find((option) => !/^(?:|\/D|\/o[dDenpPsvw])$/.test(option));
  if (unknown !== undefined) throw usageError(printfCommand, `there is no option ${unknown}`);
  return {
    isDml: options!.includes('/D'),
    format: unescape(format!),
    values: values === undefined ? [] : splitValues(values),
  };
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '',
  a: '',
  b: '',
  f: '',
  v: '',
  0: '',
};

const unescape = (text: string): string =>
  text.replace(/\\([\s\S])/g, (_, character: string) => escapes[character] ?? character);

/** Cuts at commas that are neither in quotes nor in parentheses. */
function splitValues(text: string): string[] {
  const values: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: piece, index } of text.matchAll(/"[^"]*"|[(),]/g)) {
    if (piece === '(') depth++;
    else if (piece === ')') depth--;
    else if (piece === ',' && depth <= 0) {
      values.push(text.slice(start, index).trim());
      start = index + 1;
    }
  }
  return [...values, text.slice(start).trim()];
}

function fill(console: Console, format: string, values: readonly string[]): string {
  let next = 0;
  const take = (): string => {
    const value = values[next++];
    if (value === undefined || value === '')
      throw usageError(printfCommand, `argument ${next} of the format is missing`);
    return value;
  };
  return parseFormat(format)
    .map((part) => (typeof part === 'string' ? part : convert(console, part, take)))
    .join('');
}

function convert(console: Console, conversion: Conversion, take: () => string): string {
  const amount = (value: number | '*' | undefined): number | undefined =>
    value === '*' ? Number(BigInt.asUintN(10, evaluateIn(console, take()))) : value;
  const width = amount(conversion.width) ?? 0;
  const precision = amount(conversion.precision);
  return pad(valueText(console, conversion, precision, take()), conversion, width);
}

function valueText(
  console: Console,
  conversion: Conversion,
  precision: number | undefined,
  argument: string,
): string {
  const { type } = conversion;
  const quoted = /^"([^"]*)"$/.exec(argument)?.[1];
  if (quoted !== undefined && type.toLowerCase() === 's') return quoted.slice(0, precision);
  const value = evaluateIn(console, argument);
  if (isTextKind(type)) return textOf(console, type, value).slice(0, precision);
  switch (type) {
    case 'p':
      return console.system.plainText(value);
    case 'N':
      return padHex(value, 16).toUpperCase();
    case 'y':
      return nameOf(console, value);
    case 's':
      return textOf(console, 'ma', value).slice(0, precision);
    case 'S':
      return textOf(console, 'mu', value).slice(0, precision);
    case 'c':
    case 'C':
      return String.fromCharCode(Number(value & (type === 'c' ? 0xffn : 0xffffn)));
    default:
      return /[efg]/i.test(type)
        ? floatText(value, conversion, precision)
        : integerText(value, conversion, precision ?? 0);
  }
}

function textOf(console: Console, kind: Parameters<typeof readTargetText>[1], value: bigint): string {
  const { text, complete } = readTargetText(console, kind, value);
  return complete ? text : `${text}????`;
}

/** `nt!KeBugCheckEx+0x10 (fffff804`1c201010)`; the address alone where it has no name. */
function nameOf({ system }: Console, va: bigint): string {
  const name = system.symbols.nameOf(va);
  return name === undefined ? system.addressText(va) : `${name} (${system.addressText(va)})`;
}

/** Cuts at newlines; what is behind the last one stays open. */
function linesOf(parts: readonly (string | Span)[]): Line[] {
  const lines: (string | Span)[][] = [[]];
  for (const part of parts) {
    const text = typeof part === 'string' ? part : part.text;
    text.split('\n').forEach((piece, index) => {
      if (index > 0) lines.push([]);
      if (piece !== '') lines.at(-1)!.push(typeof part === 'string' ? piece : { ...part, text: piece });
    });
  }
  return lines;
}
