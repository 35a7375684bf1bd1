/** A planted allocation by a number from the input: an array as long as the first four bytes say. */
export const name = 'memory';
export const covers = /\/planted\/memory\.mjs$/;

export const seeds = () => [Uint8Array.of(16, 0, 0, 0)];

/** @param {Uint8Array} bytes */
export function run(bytes) {
  const length =
    (bytes[0] ?? 0) + (bytes[1] ?? 0) * 0x100 + (bytes[2] ?? 0) * 0x1_0000 + (bytes[3] ?? 0) * 0x100_0000;
  return new Uint8Array(Math.min(length, 0x0800_0000)).length;
}
