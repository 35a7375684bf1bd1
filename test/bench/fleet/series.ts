import type { FleetOptions } from '@poolscope/lab/fleet';
import type { Table } from '../verdict/tables.ts';
import type { FleetResult, Said } from './evaluate.ts';

/** Fleets that differ by their seed only. */
export interface Series {
  readonly name: string;
  readonly options: FleetOptions;
  /** The machines that have not crashed are known too. */
  readonly hasInventory?: boolean;
}

/** Crashes of 20 and more: the sizes that a line is drawn for. */
const sizes = [20, 30, 40, 60, 100];

export const oneGuilty: readonly Series[] = sizes.map((crashes) => ({
  name: `1 guilty, ${crashes} crashes`,
  options: { guilty: 1, crashes },
}));

export const noneGuilty: readonly Series[] = sizes.map((crashes) => ({
  name: `none guilty, ${crashes} crashes`,
  options: { guilty: 0, crashes },
}));

export const harder: readonly Series[] = [
  { name: '2 guilty, 40 crashes', options: { guilty: 2, crashes: 40 } },
  { name: '2 guilty, 100 crashes', options: { guilty: 2, crashes: 100 } },
  { name: '1 guilty, 10 crashes', options: { guilty: 1, crashes: 10 } },
  {
    name: '1 guilty, 10 crashes, with an inventory',
    options: { guilty: 1, crashes: 10 },
    hasInventory: true,
  },
  {
    name: '1 guilty, 20 crashes, with an inventory',
    options: { guilty: 1, crashes: 20 },
    hasInventory: true,
  },
  {
    name: 'none guilty, 20 crashes, with an inventory',
    options: { guilty: 0, crashes: 20 },
    hasInventory: true,
  },
  {
    name: '1 guilty, 40 crashes, half of them noise',
    options: { guilty: 1, hardwareNoise: 0.2, unrelated: 0.2, sporadic: 0.1 },
  },
  { name: '1 guilty, 40 crashes, kernel dumps only', options: { guilty: 1, kernelDumps: 1 } },
  { name: '1 guilty, 40 crashes, small dumps only', options: { guilty: 1, kernelDumps: 0 } },
  {
    name: '1 guilty, 40 crashes, small dumps only, with an inventory',
    options: { guilty: 1, kernelDumps: 0 },
    hasInventory: true,
  },
  {
    name: 'small dumps only, a driver of 11 % of machines',
    options: { guilty: 1, kernelDumps: 0, culprits: ['cryptvol'] },
  },
  {
    name: 'small dumps only, a driver of all machines',
    options: { guilty: 1, kernelDumps: 0, culprits: ['volmirr'] },
  },
];

export interface Summary {
  readonly fleets: number;
  /** Of fleets with a guilty driver. */
  readonly first: number;
  readonly allFirst: number;
  /** Of all fleets: some driver is accused of what it has not done. */
  readonly falsely: number;
  readonly accused: number;
  readonly buckets: number;
  readonly bucketsFirst: number;
  readonly versionsTold: number;
  readonly versionsRight: number;
}

export function summarize(results: readonly FleetResult[]): Summary {
  const sum = (of: (each: FleetResult) => number): number => results.reduce((all, each) => all + of(each), 0);
  return {
    fleets: results.length,
    first: sum(({ first }) => Number(first ?? false)),
    allFirst: sum(({ allFirst }) => Number(allFirst ?? false)),
    falsely: sum(({ falselyAccused }) => Number(falselyAccused > 0)),
    accused: sum(({ accused }) => Number(accused > 0)),
    buckets: sum(({ buckets }) => buckets.count),
    bucketsFirst: sum(({ buckets }) => buckets.first),
    versionsTold: sum(({ versions }) => versions.told),
    versionsRight: sum(({ versions }) => versions.right),
  };
}

const percent = (part: number, of: number): string =>
  of === 0 ? '-' : `${((100 * part) / of).toFixed(1)} %`;

export function seriesTable(
  title: string,
  rows: readonly (readonly [name: string, results: readonly FleetResult[]])[],
): Table {
  return {
    title,
    heads: [
      'fleets',
      'number',
      'first',
      'all first',
      'accused',
      'falsely',
      'buckets',
      'first in bucket',
      'version right',
    ],
    rows: rows.map(([name, results]) => {
      const all = summarize(results);
      const hasGuilty = results.some(({ guilty }) => guilty > 0);
      return [
        name,
        String(all.fleets),
        hasGuilty ? percent(all.first, all.fleets) : '-',
        hasGuilty ? percent(all.allFirst, all.fleets) : '-',
        percent(all.accused, all.fleets),
        percent(all.falsely, all.fleets),
        String(all.buckets),
        percent(all.bucketsFirst, all.buckets),
        percent(all.versionsRight, all.versionsTold),
      ];
    }),
  };
}

/** The lines that have to be reached. */
export const least = { first: 0.95, falsely: 0.05 } as const;

/** `smallest`: those of `one` with the fewest crashes. */
export function lineTable(
  one: readonly FleetResult[],
  none: readonly FleetResult[],
  smallest: readonly FleetResult[],
): Table {
  const [first, falsely, fewest] = [summarize(one), summarize(none), summarize(smallest)];
  return {
    title: 'What has to hold',
    heads: ['', 'line', 'measured', 'of', 'holds'],
    rows: [
      [
        'one guilty, 20 crashes or more: the guilty driver is first',
        'at least 95 %',
        percent(first.first, first.fleets),
        String(first.fleets),
        first.first >= least.first * first.fleets ? 'yes' : 'no',
      ],
      [
        'the same of those with exactly 20 crashes',
        'at least 95 %',
        percent(fewest.first, fewest.fleets),
        String(fewest.fleets),
        fewest.first >= least.first * fewest.fleets ? 'yes' : 'no',
      ],
      [
        'none guilty: some driver is accused of what it has not done',
        'at most 5 %',
        percent(falsely.falsely, falsely.fleets),
        String(falsely.fleets),
        falsely.falsely <= least.falsely * falsely.fleets ? 'yes' : 'no',
      ],
    ],
  };
}

export const saidIn = (results: readonly FleetResult[], of: 'all' | 'inBuckets' | 'memory'): Said[] =>
  results.flatMap((each) => each[of]);
