/** Something said with a probability, and whether it was so. */
export interface Said {
  readonly probability: number;
  readonly right: boolean;
}

export interface Bucket {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** What was said on average, and how often it was so. */
  readonly said: number;
  readonly was: number;
}

const bucketCount = 10;

/** Tenths of probability; empty ones are left out. */
export function buckets(all: readonly Said[]): Bucket[] {
  return Array.from({ length: bucketCount }, (_, index) => {
    const [from, to] = [index / bucketCount, (index + 1) / bucketCount];
    const part = all.filter(
      ({ probability }) => Math.min(bucketCount - 1, Math.floor(probability * bucketCount + 1e-9)) === index,
    );
    const mean = (value: (said: Said) => number) =>
      part.reduce((sum, said) => sum + value(said), 0) / part.length;
    return {
      from,
      to,
      count: part.length,
      said: mean(({ probability }) => probability),
      was: mean(({ right }) => Number(right)),
    };
  }).filter(({ count }) => count > 0);
}

/** Expected calibration error: how far what was said is from what was, on average. */
export function calibrationError(all: readonly Said[]): number {
  const sum = buckets(all).reduce((total, { count, said, was }) => total + count * Math.abs(said - was), 0);
  return all.length === 0 ? 0 : sum / all.length;
}
