import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type DumpKind,
  heapScenarios,
  playableBuilds,
  type Scenario,
  scenarios,
  suitsBuild,
  usualBuild,
} from '@poolscope/lab';
import { confidenceCurve, suspicionCurve } from '../../../packages/engine/src/analyze/verdict/fitted.ts';
import { type CaseResult, dumpKinds, verdictsOn } from './cases.ts';
import { documentText, fittedText } from './documents.ts';
import { largeTable } from './large.ts';
import { familiesOf, learn, leaveOneOut, saidAgain, saidWith } from './learn.ts';
import {
  allTallies,
  bucketTable,
  calibrationTables,
  differenceTable,
  plainText,
  signatureTable,
  type Table,
  thresholdTable,
  timeTable,
  toldTable,
  wrongTable,
} from './tables.ts';
import { holds, thresholds } from './tally.ts';

/*
 * Plays every scenario with many seeds, and compares the verdicts on its dumps with the truth.
 *   --seeds N        how many seeds (3)
 *   --first N        the first of them (1)
 *   --builds A,B     builds of Windows, each with the scenarios that suit it; the scenario's own when absent
 *   --scenarios A,B  only these
 *   --dumps A,B      kinds of dumps (full,bitmap-kernel,triage)
 *   --save FILE      adds what was measured to a file, one JSON object a line
 *   --from FILE      takes it from such a file instead of playing
 *   --learn FILE     fits to what such a file has, and tries on all that was played: on heaps, verdicts on classic pool
 *   --fit            fits the curves to the even seeds, and tries them on the odd ones, with whole families left out;
 *                    writes packages/engine/src/analyze/verdict/fitted.ts
 *   --heaps          only builds whose pool is a segment heap, all of them unless told; --fit and --write are of these then
 *   --large          times verdicts on dumps of a gigabyte instead
 *   --write          writes docs/guide/verdict-measured.md, with --heaps docs/guide/verdict-heaps-measured.md
 */
const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    first: { type: 'string', default: '1' },
    builds: { type: 'string' },
    scenarios: { type: 'string' },
    dumps: { type: 'string' },
    save: { type: 'string' },
    from: { type: 'string' },
    learn: { type: 'string' },
    fit: { type: 'boolean', default: false },
    large: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    heaps: { type: 'boolean', default: false },
  },
});

/** Windows 10 1903. */
const firstHeapBuild = 18_362;
const allHeapBuilds = playableBuilds.filter((build) => build >= firstHeapBuild);
const builds = options.builds?.split(',').map(Number) ?? (options.heaps ? allHeapBuilds : [undefined]);
const names = options.scenarios?.split(',');
const kinds = dumpKinds.filter((kind) => options.dumps?.split(',').includes(kind) ?? true) as DumpKind[];
const all = [...scenarios, ...heapScenarios];
const needsFindings = options.fit || options.write || options.save !== undefined;

const notPlayed: string[] = [];

async function play(): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  const [first, count] = [Number(options.first), Number(options.seeds)];
  const seeds = Array.from({ length: count }, (_, index) => first + index);
  for (const scenario of all.filter(({ name }) => names?.includes(name) ?? true)) {
    for (const build of builds.filter((each) => suitsBuild(scenario, each ?? usualBuild(scenario))))
      for (const seed of seeds) results.push(...(await playOne(scenario, seed, build)));
    process.stderr.write(`${scenario.name}: ${results.length} verdicts so far\n`);
  }
  return results;
}

async function playOne(scenario: Scenario, seed: number, build: number | undefined): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  const circumstances = {
    seed,
    kinds,
    withFindings: needsFindings,
    ...(build === undefined ? {} : { build }),
  };
  try {
    for await (const result of verdictsOn(scenario, circumstances)) results.push(result);
  } catch (error) {
    notPlayed.push(`${scenario.name}, seed ${seed}, build ${build ?? '-'}: ${String(error)}`);
  }
  if (options.save !== undefined)
    appendFileSync(options.save, results.map((result) => `${JSON.stringify(result)}\n`).join(''));
  return results;
}

const curves = { confidence: confidenceCurve, suspicion: suspicionCurve };

const load = (file: string): CaseResult[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => saidAgain(curves, JSON.parse(line) as CaseResult));

const say = (table: Table): void => {
  if (table.rows.length > 0) console.log(plainText(table));
};

if (options.large) {
  say(await largeTable());
  process.exit();
}

const results = options.from === undefined ? await play() : load(options.from);
for (const table of [
  ...allTallies(results),
  toldTable(results),
  differenceTable(results),
  wrongTable(results),
  timeTable(results),
  signatureTable(results),
  thresholdTable(results),
])
  say(table);

const inUse = saidWith(curves, results);
say(bucketTable('Verdicts', inUse.findings));
say(bucketTable('Suspects', inUse.suspects));

if (needsFindings) {
  const isElsewhere = options.learn !== undefined;
  const seen = isElsewhere ? load(options.learn!) : results.filter(({ seed }) => seed % 2 === 0);
  const unseen = isElsewhere ? results : results.filter(({ seed }) => seed % 2 === 1);
  const byFamily = leaveOneOut(seen, unseen, familiesOf([...seen, ...results]));
  const byKind = leaveOneOut(seen, unseen, ({ truth }) => truth);
  const learned = learn(seen);
  for (const table of calibrationTables(byFamily, byKind)) say(table);
  const others = saidWith(learned, unseen);
  say(bucketTable('Verdicts, fitted to all, other seeds', others.findings));
  say(bucketTable('Suspects, fitted to all, other seeds', others.suspects));
  // npm runs scripts in the root of the repository.
  const root = process.cwd();
  if (options.fit)
    writeFileSync(join(root, 'packages/engine/src/analyze/verdict/fitted.ts'), fittedText(learned));
  if (options.write)
    writeFileSync(
      join(root, 'docs/guide', options.heaps ? 'verdict-heaps-measured.md' : 'verdict-measured.md'),
      documentText(results, { byFamily, byKind, isElsewhere }, options.heaps),
    );
}

if (notPlayed.length > 0) console.log(['Came to no verdict', ...notPlayed].join('\n  '));
process.exitCode = notPlayed.length === 0 && thresholds(results).every(holds) ? 0 : 1;
