/** A planted endless loop: a count of zero never reaches the end. */
export const name = 'hang';
export const covers = /\/planted\/hang\.mjs$/;

export const seeds = () => [Uint8Array.of(1, 2, 3, 4)];

/** @param {Uint8Array} bytes */
export function run(bytes) {
  for (let at = 0; at < bytes.length; ) at += bytes[at] ?? 1;
}
