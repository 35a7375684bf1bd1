/** A bigint as JavaScript, for the text of an engine call: `0xfffff80000001000n`. */
export const bigHex = (value: bigint): string => `0x${value.toString(16)}n`;
