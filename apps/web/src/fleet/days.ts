import type { DayCount } from '../protocol/fleet.ts';

/** One series of the chart: a bucket, or all the others together. */
export interface Series {
  /** Undefined: all others. */
  readonly bucket: string | undefined;
  /** Crashes by day, from the first day on. */
  readonly counts: readonly number[];
  readonly total: number;
}

export interface Chart {
  /** `2026-03-01`. */
  readonly first: string;
  readonly last: string;
  readonly days: number;
  /** The largest first, the others last. */
  readonly series: readonly Series[];
  /** Crashes of the day that has most. */
  readonly most: number;
}

const mostSeries = 8;
const mostDays = 92;
const oneDay = 86_400_000;

/** Crashes by day and bucket, up to the last day with one; undefined where no day is known. */
export function chartOf(given: readonly DayCount[]): Chart | undefined {
  const known = given.flatMap(({ bucket, day, count }) => {
    const at = Date.parse(day) / oneDay;
    return Number.isFinite(at) ? [{ bucket, at: Math.floor(at), count }] : [];
  });
  if (known.length === 0) return undefined;
  const end = known.reduce((most, { at }) => Math.max(most, at), -Infinity);
  const recent = known.filter(({ at }) => at > end - mostDays);
  const start = recent.reduce((least, { at }) => Math.min(least, at), end);
  const days = end - start + 1;
  const byBucket = new Map<string, number[]>();
  for (const { bucket, at, count } of recent) {
    const counts = byBucket.get(bucket) ?? new Array<number>(days).fill(0);
    counts[at - start]! += count;
    byBucket.set(bucket, counts);
  }
  const all = [...byBucket].map(([bucket, counts]) => ({ bucket, counts, total: sum(counts) }));
  all.sort((a, b) => b.total - a.total || (a.bucket < b.bucket ? -1 : 1));
  const rest = all.slice(mostSeries);
  const others = Array.from({ length: days }, (_, day) => sum(rest.map(({ counts }) => counts[day]!)));
  const series: Series[] = all.slice(0, mostSeries);
  if (rest.length > 0) series.push({ bucket: undefined, counts: others, total: sum(others) });
  const ofDay = Array.from({ length: days }, (_, day) => sum(series.map(({ counts }) => counts[day]!)));
  return { first: dayText(start), last: dayText(end), days, series, most: Math.max(...ofDay) };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const dayText = (day: number): string => new Date(day * oneDay).toISOString().slice(0, 10);
