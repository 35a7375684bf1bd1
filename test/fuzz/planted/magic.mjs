/** A planted fault behind four bytes, each compared with itself only: to be found by coverage alone. */
export const name = 'magic';
export const covers = /\/planted\/magic\.mjs$/;

export const seeds = () => [new Uint8Array(8)];

/** @param {Uint8Array} bytes */
export function run(bytes) {
  if (bytes[0] === 80 && bytes[1] === 79 && bytes[2] === 79 && bytes[3] === 76)
    throw new TypeError('planted');
}
