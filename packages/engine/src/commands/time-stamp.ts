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
 * A PE time stamp. Reproducible builds put a hash there; only the image's debug directory tells, and where that is not
 * in the dump (`isHash` undefined) a value that could be a time is said to be one with that reserve.
 */
export function timeStampText(stamp: number | undefined, isHash: boolean | undefined): string {
  if (stamp === undefined) return 'unavailable';
  const raw = stamp.toString(16).toUpperCase().padStart(8, '0');
  const plausible = stamp > 631_152_000 && stamp < 2_208_988_800;
  if (isHash === true || !plausible) return `${raw} (a hash of the image, not a time)`;
  const time = dateText(stamp * 1000);
  return isHash === false ? `${time} (${raw})` : `${time} (${raw}), or a hash of the image`;
}
