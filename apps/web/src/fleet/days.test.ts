import { describe, expect, it } from 'vitest';
import { chartOf } from './days.ts';

describe('crashes by day', () => {
  it('have the days between, and the largest bucket first', () => {
    const chart = chartOf([
      { bucket: 'a', day: '2026-03-01', count: 1 },
      { bucket: 'b', day: '2026-03-04', count: 2 },
      { bucket: 'b', day: '2026-03-01', count: 1 },
    ]);
    expect(chart).toEqual({
      first: '2026-03-01',
      last: '2026-03-04',
      days: 4,
      most: 2,
      series: [
        { bucket: 'b', counts: [1, 0, 0, 2], total: 3 },
        { bucket: 'a', counts: [1, 0, 0, 0], total: 1 },
      ],
    });
  });

  it('go back a quarter of a year', () => {
    const chart = chartOf([
      { bucket: 'a', day: '2020-01-01', count: 5 },
      { bucket: 'a', day: '2026-03-01', count: 1 },
      { bucket: 'a', day: '2025-12-01', count: 2 },
    ]);
    expect([chart!.first, chart!.days, chart!.series[0]!.total]).toEqual(['2025-12-01', 91, 3]);
  });

  it('put small buckets together', () => {
    const days = Array.from({ length: 11 }, (_, index) => ({
      bucket: `b${index}`,
      day: '2026-03-01',
      count: index + 1,
    }));
    const { series, most } = chartOf(days)!;
    expect(series.map(({ total }) => total)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 6]);
    expect(series.at(-1)!.bucket).toBeUndefined();
    expect(most).toBe(66);
  });

  it.each([[[]], [[{ bucket: 'a', day: 'unknown', count: 3 }]]])('are none in %j', (days) =>
    expect(chartOf(days)).toBeUndefined(),
  );
});
