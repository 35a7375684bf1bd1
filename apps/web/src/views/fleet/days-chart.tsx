import { linkTo } from '../../app/route.ts';
import { counted } from '../../app/words.ts';
import { type Chart, chartOf } from '../../fleet/days.ts';
import type { DayCount } from '../../protocol/fleet.ts';

/** Units of the drawing. */
const [height, step, barWidth] = [60, 6, 5];

interface DaysChartProps {
  readonly days: readonly DayCount[];
  /** What a bucket is called. */
  readonly titleOf: (bucket: string) => string;
}

/** Crashes by day, coloured by bucket. */
export function DaysChart({ days, titleOf }: DaysChartProps) {
  const chart = chartOf(days);
  if (chart === undefined) return null;
  const { first, last, most, series } = chart;
  const hasLegend = series.length > 1;
  return (
    <figure class="days">
      <svg
        viewBox={`0 0 ${chart.days * step} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Crashes by day, ${first} to ${last}: at most ${most} on a day`}
      >
        {barsOf(chart).map(({ x, y, size, look, title }) => (
          <rect key={`${x} ${y}`} class={look} x={x} y={y} width={barWidth} height={size}>
            <title>{title}</title>
          </rect>
        ))}
      </svg>
      <p class="days-scale dim small" aria-hidden="true">
        <span>{first}</span>
        <span>at most {most} on a day</span>
        <span>{last}</span>
      </p>
      {hasLegend && (
        <ul class="days-legend">
          {series.map(({ bucket, total }, index) => (
            <li key={bucket ?? ''}>
              <i class={lookOf(index, bucket)} aria-hidden="true" />
              {bucket === undefined ? 'all others' : <a href={linkTo('bucket', bucket)}>{titleOf(bucket)}</a>}{' '}
              <span class="dim">{total.toLocaleString('en')}</span>
            </li>
          ))}
        </ul>
      )}
    </figure>
  );
}

interface Bar {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly look: string;
  readonly title: string;
}

function barsOf({ days, series, most, first }: Chart): Bar[] {
  const bars: Bar[] = [];
  const start = Date.parse(first);
  for (let day = 0; day < days; day++) {
    let top = height;
    const date = new Date(start + day * 86_400_000).toISOString().slice(0, 10);
    for (const [index, { bucket, counts }] of series.entries()) {
      const count = counts[day]!;
      if (count === 0) continue;
      const size = (count / most) * height;
      top -= size;
      bars.push({
        x: day * step,
        y: top,
        size,
        look: lookOf(index, bucket),
        title: `${date}: ${counted(count, 'crash').replace('crashs', 'crashes')}`,
      });
    }
  }
  return bars;
}

const lookOf = (index: number, bucket: string | undefined): string =>
  bucket === undefined ? 'series-rest' : `series${index}`;
