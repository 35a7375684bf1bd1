/** Timing that stands noisy machines: the best of several rounds, each long enough to be measured. */

/** Milliseconds of the fastest of `rounds` runs. */
export function best(rounds, run) {
  let fastest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    run();
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}

export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** A repeatable stream of numbers below `limit`. */
export function randomNumbers(limit, count, seed = 1) {
  const numbers = new Float64Array(count);
  let state = seed >>> 0 || 1;
  for (let index = 0; index < count; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    numbers[index] = Math.floor(((state >>> 0) / 0x1_0000_0000) * limit);
  }
  return numbers;
}
