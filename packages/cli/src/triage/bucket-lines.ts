import type { BucketPage } from '@poolscope/triage';
import { table } from './bucket-table.ts';
import { many } from './run-reporter.ts';
import { recurrenceLines, suspectLines } from './suspect-lines.ts';

/** One bucket as text: what it is, who is suspected and why, what its dumps share. */
export function bucketLines(page: BucketPage): string[] {
  return [
    `${page.id}  ${page.title}`,
    `  ${many(page.count, 'dump')} of ${many(page.machines, 'machine')}, ${page.firstSeen ?? '?'} to ${page.lastSeen ?? '?'}${trendText(page)}`,
    ...page.merged.map(({ signature, by }) => `  merged by ${by}: ${signature}`),
    '',
    ...(page.ranking === null ? [] : [...suspectLines(page.ranking), ...recurrenceLines(page.ranking), '']),
    ...countLines('Kinds', page.kinds),
    ...countLines('Bug checks', page.bugchecks),
    ...countLines('Builds', page.builds),
    ...countLines('Tags', page.tags),
    ...countLines('Machines', page.machineNames),
    ...countLines('Drivers', driversOf(page)),
    '',
    'Dumps',
    ...table(
      ['crash', 'machine', 'kind', 'dump'],
      page.dumps
        .slice(0, 20)
        .map(({ crashTime, machine, kind, source, sha256, bucketBy }) => [
          crashTime ?? '?',
          machine ?? '?',
          kind,
          `${source ?? sha256}${bucketBy === null ? '' : ` (${bucketBy})`}`,
        ]),
      0,
    ).map((line) => `  ${line}`),
  ];
}

/** Drivers, those with several versions with them. */
const driversOf = ({ drivers }: BucketPage): BucketPage['kinds'] =>
  drivers.map(({ driver, count, versions }) => ({
    value: versions.length > 1 ? `${driver} (${versions.length} versions)` : driver,
    count,
  }));

const trendText = ({ trend }: BucketPage): string =>
  trend === null ? '' : `; in its last 7 days ${trend.last}, in the 7 before ${trend.before}`;

function countLines(title: string, counts: BucketPage['kinds']): string[] {
  if (counts.length === 0) return [];
  const shown = counts.slice(0, 8).map(({ value, count }) => `${value} ${count}`);
  const rest = counts.length - shown.length;
  return [`${title}: ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`];
}
