/** A planted list that grows until memory ends, when the first byte changes. */
export const name = 'heap';
export const covers = /\/planted\/heap\.mjs$/;

export const seeds = () => [Uint8Array.of(0, 0)];

/** @param {Uint8Array} bytes */
export function run(bytes) {
  const list = [];
  while (bytes[0] === 1) list.push({ at: list.length });
  return list.length;
}
