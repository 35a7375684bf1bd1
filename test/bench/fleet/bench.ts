import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { bucketTable, plainText, type Table } from '../verdict/tables.ts';
import { documentText } from './document.ts';
import { evaluate, evaluateRows, type FleetResult } from './evaluate.ts';
import { calibrate, fittedText, fitWeights, fleetsToFit } from './fit.ts';
import { measure, measuredText } from './measure.ts';
import { namedIn, playedFleet } from './real.ts';
import {
  harder,
  lineTable,
  noneGuilty,
  oneGuilty,
  type Series,
  saidIn,
  seriesTable,
  summarize,
} from './series.ts';
import { simulate } from './simulate.ts';

/*
 * Suspects of fleets against the truth.
 *   --fleets N    how many fleets of each kind (100)
 *   --first N     seed of the first of them (1)
 *   --real N      also so many fleets whose crashes are played and analysed; a minute each (0)
 *   --measure     plays every story of a fleet and keeps what the analyses say: packages/lab/src/fleet/tables/measured.ts;
 *                 with --each N machines for each story and allocator (8)
 *   --fit         fits the weights to other seeds: packages/triage/src/suspects/fitted.ts
 *   --calibrate   fits only the calibration
 *   --write       writes docs/guide/fleet-measured.md
 */
const { values: options } = parseArgs({
  options: {
    fleets: { type: 'string', default: '100' },
    first: { type: 'string', default: '1' },
    real: { type: 'string', default: '0' },
    measure: { type: 'boolean', default: false },
    each: { type: 'string', default: '8' },
    fit: { type: 'boolean', default: false },
    calibrate: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const [first, fleets] = [Number(options.first), Number(options.fleets)];
/** Seeds that no test and no table uses. */
const seedsToFit = 100_000;
const progress = (line: string) => process.stderr.write(`${line}\n`);

if (options.measure) {
  const measured = await measure({ each: Number(options.each), first, onProgress: progress });
  writeFileSync('packages/lab/src/fleet/tables/measured.ts', measuredText(measured));
} else if (options.fit || options.calibrate) {
  const file = 'packages/triage/src/suspects/fitted.ts';
  const toFit = fleetsToFit(seedsToFit, fleets);
  const weights = options.fit ? fitWeights(toFit, progress) : calibrate(toFit);
  writeFileSync(file, fittedText(readFileSync(file, 'utf8'), weights));
} else await report();

async function report(): Promise<void> {
  const one = play(oneGuilty);
  const none = play(noneGuilty);
  const more = play(harder);
  const [allOne, allNone] = [one.flatMap(([, all]) => all), none.flatMap(([, all]) => all)];
  const everything = [...allOne, ...allNone, ...more.flatMap(([, all]) => all)];
  const tables: Table[] = [
    lineTable(allOne, allNone, one[0]?.[1] ?? []),
    seriesTable('Fleets of 200 machines', [...one, ...none, ...more]),
    bucketTable('Drivers, of all crashes', saidIn(everything, 'all')),
    bucketTable('Drivers, in buckets', saidIn(everything, 'inBuckets')),
    bucketTable('Memory', saidIn(everything, 'memory')),
    ...(options.real === '0' ? [] : [await realTable(Number(options.real))]),
  ];
  for (const table of tables) console.log(plainText(table));
  if (options.write) writeFileSync('docs/guide/fleet-measured.md', documentText(tables, first, fleets));
  const [{ rows }] = tables as [Table];
  process.exitCode = rows.every((row) => row.at(-1) === 'yes') ? 0 : 1;
}

function play(series: readonly Series[]): [string, FleetResult[]][] {
  return series.map(({ name, options: more, hasInventory = false }) => {
    const results = Array.from({ length: fleets }, (_, index) =>
      evaluate({ ...more, seed: first + index }, { hasInventory }),
    );
    progress(`${name}: ${summarize(results).first} of ${fleets} first`);
    return [name, results];
  });
}

/** The same fleets played in earnest and simulated: what single dumps say, and whether the guilty driver is first. */
async function realTable(count: number): Promise<Table> {
  const rows: string[][] = [];
  for (let seed = first; seed < first + count; seed++) {
    const what = { seed, crashes: 24, guilty: 1 as const };
    for (const [how, fleet] of [
      ['played', await playedFleet(what)],
      ['simulated', simulate(what)],
    ] as const) {
      const { right, wrong, nobody } = namedIn(fleet);
      const result = evaluateRows(fleet);
      const guilty = fleet.plan.guilty.map(({ name }) => name).join(', ');
      rows.push([
        `${seed}: ${guilty}`,
        how,
        String(right),
        String(wrong),
        String(nobody),
        result.first ? 'yes' : 'no',
      ]);
      progress(`fleet ${seed} ${how}`);
    }
  }
  return {
    title: 'Played and simulated fleets of 24 crashes',
    heads: ['fleet', 'how', 'dumps that name the culprit', 'another', 'nobody', 'guilty driver first'],
    rows,
  };
}
