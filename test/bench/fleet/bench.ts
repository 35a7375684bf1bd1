import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { evaluate, type FleetResult } from './evaluate.ts';
import { fittedText, fitWeights, fleetsToFit } from './fit.ts';
import { measure, measuredText } from './measure.ts';

const { values: options } = parseArgs({
  options: {
    measure: { type: 'boolean', default: false },
    fit: { type: 'boolean', default: false },
    each: { type: 'string', default: '8' },
    fleets: { type: 'string', default: '100' },
    first: { type: 'string', default: '1' },
  },
});

if (options.measure) {
  const measured = await measure({
    each: Number(options.each),
    first: Number(options.first),
    onProgress: (done) => process.stderr.write(`${done}\n`),
  });
  writeFileSync('packages/lab/src/fleet/tables/measured.ts', measuredText(measured));
}

if (options.fit) {
  const file = 'packages/triage/src/suspects/fitted.ts';
  const weights = fitWeights(fleetsToFit(100_000, Number(options.fleets)), (line) => console.error(line));
  writeFileSync(file, fittedText(readFileSync(file, 'utf8'), weights));
}

if (!options.measure && !options.fit) {
  const first = Number(options.first);
  const count = Number(options.fleets);
  for (const [name, more] of [
    ['guilty 1', { guilty: 1 }],
    ['guilty 2', { guilty: 2 }],
    ['guilty 0', { guilty: 0 }],
    ['guilty 1, 20 crashes', { guilty: 1, crashes: 20 }],
    ['guilty 1, triage only', { guilty: 1, kernelDumps: 0 }],
    ['guilty 1, kernel', { guilty: 1, kernelDumps: 1 }],
  ] as const) {
    const start = performance.now();
    const results: FleetResult[] = [];
    for (let seed = first; seed < first + count; seed++) results.push(evaluate({ seed, ...more }));
    const sum = (of: (each: FleetResult) => number) => results.reduce((all, each) => all + of(each), 0);
    console.log(name, {
      first: sum((each) => Number(each.first ?? 0)) / count,
      allFirst: sum((each) => Number(each.allFirst ?? 0)) / count,
      falselyAccused: sum((each) => Math.min(1, each.falselyAccused)) / count,
      accused: sum((each) => Math.min(1, each.accused)) / count,
      buckets: sum((each) => each.buckets.count),
      bucketsFirst: sum((each) => each.buckets.first) / sum((each) => each.buckets.count),
      bucketsFalse: sum((each) => Math.min(1, each.buckets.falselyAccused)) / count,
      told: sum((each) => each.versions.told) / count,
      toldRight: sum((each) => each.versions.right) / sum((each) => each.versions.told),
      ms: (performance.now() - start) / count,
    });
  }
}
