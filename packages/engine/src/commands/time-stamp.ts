import { padHex } from '../base/index.ts';

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (value: number): string => String(value).padStart(2, '0');

/** `Thu Sep 21 08:52:21 2023` of milliseconds since 1970, in UTC. */
export function dateText(ms: number): string {
  const date = new Date(ms);
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${days[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${time} ${date.getUTCFullYear()}`;
}

/** Between 1990 and 2040: no driver was built at another time. */
const isPlausible = (stamp: number): boolean => stamp > 631_152_000 && stamp < 2_208_988_800;

/** The debugger takes a stamp as a signed number, and calls one below zero invalid. */
const isSigned = (stamp: number): boolean => stamp >= 0x8000_0000;

/** What the eight digits of a stamp mean: a time, or why there is none. */
interface StampMeaning {
  readonly time: string | undefined;
  readonly reserve: string;
}

/**
 * Reproducible builds put a hash in place of the time; only the image's debug directory tells, and where that is not in
 * the dump (`isHash` undefined) a value that could be a time is said to be one with that reserve.
 */
function meaningOf(stamp: number, isHash: boolean | undefined): StampMeaning {
  if (isHash === true) return { time: undefined, reserve: 'a hash of the image, not a time' };
  const time = dateText(stamp * 1000);
  if (isHash === false) return { time: isSigned(stamp) ? undefined : time, reserve: '' };
  if (isPlausible(stamp)) return { time, reserve: ', or a hash of the image' };
  return { time: undefined, reserve: 'no time: a hash of the image, or invalid' };
}

const invalid = '***** Invalid';

/** A PE time stamp with its digits: `Thu Sep 21 08:52:21 2023 (650C66B5)`. */
export function timeStampText(stamp: number | undefined, isHash: boolean | undefined): string {
  if (stamp === undefined) return 'unavailable';
  const raw = padHex(stamp, 8).toUpperCase();
  const { time, reserve } = meaningOf(stamp, isHash);
  if (time !== undefined) return `${time} (${raw})${reserve}`;
  return reserve === '' ? `${invalid} (${raw})` : `${raw} (${reserve})`;
}

/** The same for where the digits stand already. */
export function timeStampWords(stamp: number, isHash: boolean | undefined): string {
  const { time, reserve } = meaningOf(stamp, isHash);
  if (time !== undefined) return time + reserve;
  return reserve === '' ? invalid : `(${reserve})`;
}
