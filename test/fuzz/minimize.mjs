/** @typedef {import('./runner.mjs').Find} Find */

const mostRuns = 2000;

/**
 * A smaller input with the same fault: parts are left out, halves first, then single bytes,
 * as long as the fault keeps its key.
 * @param {Find} find
 * @param {(bytes: Uint8Array) => Promise<Find | undefined>} attempt
 * @returns {Promise<Find>}
 */
export async function minimize(find, attempt) {
  let best = find;
  let runs = 0;
  for (let part = best.bytes.length >> 1; part > 0; part >>= 1) {
    for (let at = 0; at < best.bytes.length && runs < mostRuns; runs++) {
      const smaller = without(best.bytes, at, part);
      const again = await attempt(smaller);
      if (again?.key === best.key) best = { ...again, bytes: smaller };
      else at += part;
    }
  }
  return best;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} length
 */
function without(bytes, at, length) {
  const tail = bytes.subarray(at + length);
  const result = new Uint8Array(at + tail.length);
  result.set(bytes.subarray(0, at));
  result.set(tail, at);
  return result;
}
