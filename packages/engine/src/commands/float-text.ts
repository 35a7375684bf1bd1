/**
 * Floating point numbers as the debugger prints them: its C library writes exponents of three digits and names what is
 * no number `1.#QNAN`, `-1.#IND`, `1.#INF`.
 */

const significant = 6;

/** A 32-bit float by its bits: `6.36908e-022`. */
export function floatText(bits: number): string {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits);
  return numberText(view.getFloat32(0), (bits & 0x7f_ffff) === 0, bits >>> 31 === 1, bits === 0xffc0_0000);
}

/** A 64-bit float by its bits. */
export function doubleText(bits: bigint): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  const isInfinite = (bits & 0xf_ffff_ffff_ffffn) === 0n;
  return numberText(view.getFloat64(0), isInfinite, bits >> 63n === 1n, bits === 0xfff8_0000_0000_0000n);
}

function numberText(value: number, isInfinite: boolean, isNegative: boolean, isIndefinite: boolean): string {
  const sign = isNegative ? '-' : '';
  if (!Number.isFinite(value)) return `${sign}1.#${isInfinite ? 'INF' : isIndefinite ? 'IND' : 'QNAN'}`;
  if (value === 0) return `${sign}0`;
  const [digits, power] = Math.abs(value)
    .toExponential(significant - 1)
    .split('e') as [string, string];
  const exponent = Number(power);
  if (exponent >= -4 && exponent < significant) return String(Number(value.toPrecision(significant)));
  return `${sign}${digits.replace(/\.?0+$/, '')}e${exponentText(exponent, 3)}`;
}

const exponentText = (exponent: number, digits: number): string =>
  `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(digits, '0')}`;

/** Digits behind the point of an x87 register. */
const decimals = 21;
const bias = 16383;

/** An 80-bit float by its bits: ` 1.000000000000000000000e+0000`, exact to its last digit. */
export function extendedText(bits: bigint): string {
  const sign = (bits >> 79n) & 1n ? '-' : ' ';
  const exponent = Number((bits >> 64n) & 0x7fffn);
  const significand = BigInt.asUintN(64, bits);
  if (exponent === 0x7fff) return `${sign}${special(significand, sign).padEnd(decimals + 2, '0')}e+0000`;
  if (significand === 0n) return `${sign}${(0).toFixed(decimals)}e+0000`;
  return sign + decimalText(significand, Math.max(exponent, 1) - bias - 63);
}

function special(significand: bigint, sign: string): string {
  if (BigInt.asUintN(63, significand) === 0n) return '1.#INF';
  return sign === '-' && significand === 0xc000_0000_0000_0000n ? '1.#IND' : '1.#QNAN';
}

/** `significand` times two to the power, with one digit before the point. */
function decimalText(significand: bigint, power: number): string {
  // The first guess of the decimal exponent may be one too high or low; the digits tell.
  const bits = significand.toString(2).length + power;
  let exponent = Math.floor((bits - 1) * Math.LOG10E * Math.LN2);
  let digits = scaled(significand, power, decimals - exponent);
  while (digits.length > decimals + 1) digits = scaled(significand, power, decimals - ++exponent);
  while (digits.length < decimals + 1) digits = scaled(significand, power, decimals - --exponent);
  return `${digits[0]}.${digits.slice(1)}e${exponentText(exponent, 4)}`;
}

/** Digits of `significand` * 2^`power` * 10^`shift`, rounded to an integer. */
function scaled(significand: bigint, power: number, shift: number): string {
  const up = significand * 2n ** BigInt(Math.max(power, 0)) * 10n ** BigInt(Math.max(shift, 0));
  const down = 2n ** BigInt(Math.max(-power, 0)) * 10n ** BigInt(Math.max(-shift, 0));
  return ((up * 2n + down) / (down * 2n)).toString();
}
