const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (value: number): string => String(value).padStart(2, '0');

/** `Thu Sep 21 08:52:21 2023` of milliseconds since 1970, in UTC. */
export function dateText(ms: number): string {
  const date = new Date(ms);
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${days[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${time} ${date.getUTCFullYear()}`;
}

/**
 * A PE time stamp with its raw value. Reproducible builds put a hash there, which cannot be told from a time by the
 * number alone, so a value is shown as a time only between 1990 and 2040.
 */
export function timeStampText(stamp: number | undefined): string {
  if (stamp === undefined) return 'unavailable';
  const raw = stamp.toString(16).toUpperCase().padStart(8, '0');
  return stamp > 631_152_000 && stamp < 2_208_988_800 ? `${dateText(stamp * 1000)} (${raw})` : `not a time (${raw})`;
}
