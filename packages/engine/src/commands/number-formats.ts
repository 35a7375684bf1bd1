import { padHex, tickHex } from '../base/index.ts';
import { doubleText, floatText } from './float-text.ts';
import { dateText } from './time-stamp.ts';

/** One value in the forms that `.formats` shows. */
export interface NumberFormats {
  readonly hex: string;
  readonly decimal: string;
  readonly unsigned: string;
  readonly octal: string;
  /** Bytes from the highest on. */
  readonly binary: string;
  /** Bytes from the highest on, a dot for what cannot be printed. */
  readonly chars: string;
  /** UTC: a 32-bit value as seconds since 1970, a wider one as a FILETIME. Undefined where it is neither. */
  readonly time: string | undefined;
  readonly float: { readonly low: string; readonly high: string };
  readonly double: string;
}

/**
 * Forms of an unsigned 64-bit value. On 32-bit targets a value that fits into 32 bits, or is one sign-extended, is shown
 * in 32; only its float forms have all 64.
 */
export function numberFormats(value: bigint, pointerSize: 4 | 8): NumberFormats {
  const bits = pointerSize === 4 && isNarrow(value) ? 32 : 64;
  const shown = BigInt.asUintN(bits, value);
  return {
    hex: bits === 32 ? padHex(shown, 8) : tickHex(shown),
    decimal: BigInt.asIntN(64, value).toString(),
    unsigned: shown.toString(),
    octal: shown.toString(8).padStart(Math.ceil(bits / 3), '0'),
    binary: bytesOf(shown, bits)
      .map((byte) => byte.toString(2).padStart(8, '0'))
      .join(' '),
    chars: bytesOf(shown, bits)
      .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
      .join(''),
    time: isNarrow(value) ? secondsText(BigInt.asUintN(32, value)) : fileTimeText(value),
    float: { low: floatText(Number(BigInt.asUintN(32, value))), high: floatText(Number(value >> 32n)) },
    double: doubleText(value),
  };
}

/** Do 32 bits tell the value, as they are or sign-extended? */
const isNarrow = (value: bigint): boolean => value >> 32n === 0n || value >> 31n === 0x1_ffff_ffffn;

function bytesOf(value: bigint, bits: number): number[] {
  return Array.from({ length: bits / 8 }, (_, index) =>
    Number((value >> BigInt(bits - 8 * (index + 1))) & 0xffn),
  );
}

/** The C library's time has 31 bits. */
const secondsText = (seconds: bigint): string | undefined =>
  seconds >> 31n === 0n ? dateText(Number(seconds) * 1000) : undefined;

const epoch = 116_444_736_000_000_000n;

/** `Fri Jan  7 20:15:00.577 2023 (UTC + 0:00)`: hundreds of nanoseconds since 1601, as a signed number. */
function fileTimeText(value: bigint): string | undefined {
  if (value >> 63n !== 0n) return undefined;
  const ms = Number((value - epoch) / 10_000n) - ((value - epoch) % 10_000n < 0n ? 1 : 0);
  const text = dateText(ms);
  const thousandths = String(((ms % 1000) + 1000) % 1000).padStart(3, '0');
  return `${text.replace(/(:\d\d) (\d+)$/, `$1.${thousandths} $2`)} (UTC + 0:00)`;
}
