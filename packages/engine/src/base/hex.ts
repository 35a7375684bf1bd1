/** Hexadecimal in the three forms that the debugger and the report use. */

/** `fffff800`92411bc2` on 64-bit targets. */
export const tickHex = (value: bigint): string => {
  const digits = value.toString(16).padStart(16, '0');
  return `${digits.slice(0, 8)}\`${digits.slice(8)}`;
};

/** Fixed number of lower-case digits, without a prefix. */
export const padHex = (value: bigint | number, digits: number): string =>
  value.toString(16).padStart(digits, '0');

/** `0x…` lower case without padding: every u64 in the JSON report. */
export const prefixHex = (value: bigint | number): string => `0x${value.toString(16)}`;
