/** One piece of a format: text, or a conversion of an argument. */
export type FormatPart = string | Conversion;

export interface Conversion {
  /** `-`, `+`, `#`, `0` and blanks as given. */
  readonly flags: string;
  /** `*`: the next argument says. */
  readonly width: number | '*' | undefined;
  readonly precision: number | '*' | undefined;
  /** `l`, `h`, `I64` and their like. */
  readonly size: string;
  /** `x`, `p`, `ma`, `msu`, `y` ... */
  readonly type: string;
  /** As it stands in the format. */
  readonly text: string;
}

const conversion =
  /%([-+ #0]*)(\d+|\*)?(?:\.(\d+|\*)?)?(I64|I32|I|ll|l|hh|h|w)?(ms?[au]|[diuoxXcCsSpNyeEfgG%])/g;

/** Cuts a format into its parts; a `%` that begins no conversion is text. */
export function parseFormat(format: string): FormatPart[] {
  const parts: FormatPart[] = [];
  let at = 0;
  for (const match of format.matchAll(conversion)) {
    if (match.index > at) parts.push(format.slice(at, match.index));
    at = match.index + match[0].length;
    const [text, flags = '', width, precision, size = '', type = ''] = match;
    const afterDot = text.includes('.') ? (precision ?? '0') : undefined;
    if (type === '%') parts.push('%');
    else parts.push({ flags, width: amount(width), precision: amount(afterDot), size, type, text });
  }
  if (at < format.length) parts.push(format.slice(at));
  return parts;
}

/** Wider columns than this fit no screen. */
const maxAmount = 1000;

const amount = (text: string | undefined): number | '*' | undefined =>
  text === undefined || text === '*' ? text : Math.min(Number(text), maxAmount);

/** Pads a text as C does. */
export function pad(text: string, { flags }: Conversion, width: number): string {
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0')) return text.padStart(width);
  const sign = /^[-+ ]?(?:0[xX])?/.exec(text)![0];
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}

const prefixes: Readonly<Record<number, string>> = { 16: '0x', 8: '0' };

/** An integer as C prints it: 32 bits of it unless the size says 64. */
export function integerText(value: bigint, { flags, size, type }: Conversion, precision: number): string {
  const bits = /^(?:I64|ll)$/.test(size) ? 64 : size.startsWith('h') ? 16 : 32;
  const narrow = type === 'd' || type === 'i' ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  const magnitude = narrow < 0n ? -narrow : narrow;
  const base = /x/i.test(type) ? 16 : type === 'o' ? 8 : 10;
  const digits = magnitude.toString(base).padStart(precision, '0');
  const prefix = flags.includes('#') && magnitude !== 0n ? (prefixes[base] ?? '') : '';
  const sign = narrow < 0n ? '-' : /[di]/.test(type) ? (/[+ ]/.exec(flags)?.[0] ?? '') : '';
  const text = sign + prefix + digits;
  return type === 'X' ? text.toUpperCase() : text;
}

/** The bits of a value as a floating-point number: of 32 bits, or with `l` of 64. */
export function floatText(value: bigint, { size, type }: Conversion, precision: number | undefined): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, value, true);
  const number = size.startsWith('l') ? view.getFloat64(0, true) : view.getFloat32(0, true);
  const text = finiteText(number, type.toLowerCase(), Math.min(precision ?? 6, 100));
  return /[A-Z]/.test(type) ? text.toUpperCase() : text;
}

function finiteText(number: number, type: string, precision: number): string {
  if (!Number.isFinite(number)) return Number.isNaN(number) ? '1.#QNAN' : number < 0 ? '-1.#INF' : '1.#INF';
  // The debugger's C library writes at least three digits of an exponent.
  const exponent = (text: string): string =>
    text.replace(/(?<=e[+-])\d{1,2}$/, (digits) => digits.padStart(3, '0'));
  if (type === 'e') return exponent(number.toExponential(precision));
  if (type === 'f')
    return Math.abs(number) < 1e21 ? number.toFixed(precision) : exponent(number.toExponential(6));
  const digits = number.toPrecision(Math.max(1, precision));
  return exponent(digits.replace(/(\.\d*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, ''));
}
