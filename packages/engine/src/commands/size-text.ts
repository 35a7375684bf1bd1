const units = ['KB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const;

/** A number of bytes: exact up to a megabyte, then with one digit behind the point. */
export function sizeText(bytes: bigint): string {
  if (bytes === 1n) return '1 byte';
  if (bytes < 1n << 20n) return `${bytes} bytes`;
  let unit = 1;
  while (unit + 1 < units.length && bytes >= 1n << BigInt(10 * (unit + 2))) unit++;
  const tenths = (bytes * 10n) >> BigInt(10 * (unit + 1));
  return `${tenths / 10n}.${tenths % 10n} ${units[unit]}`;
}
