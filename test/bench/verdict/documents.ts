import {
  judgedGrounds,
  judgedSuspects,
  type Weights,
} from '../../../packages/engine/src/analyze/verdict/weights.ts';
import type { CaseResult } from './cases.ts';
import type { Learned, LeftOut } from './learn.ts';
import {
  allTallies,
  bucketTable,
  calibrationTables,
  markdown,
  thresholdTable,
  toldTable,
  wrongTable,
} from './tables.ts';

/** The source file with the fitted weights: those that differ from the judged ones. */
export const fittedText = ({ grounds, suspects }: Learned): string => `/**
 * Weights as the faults that the lab plants move them away from the judged ones of weights.ts. Written by
 * \`npm run bench:verdict -- --fit\`; a rule that is not here keeps its judged weight.
 */
export const fittedGrounds: Readonly<Record<string, number>> = ${objectText(grounds, judgedGrounds)};

export const fittedSuspects: Readonly<Record<string, number>> = ${objectText(suspects, judgedSuspects)};
`;

function objectText(fitted: Weights, judged: Weights): string {
  const lines = Object.entries(fitted)
    .map(([name, value]) => [name, Number(value.toFixed(2))] as const)
    .filter(([name, value]) => value !== judged[name])
    .map(([name, value]) => `  ${/^[a-z]+$/.test(name) ? name : `'${name}'`}: ${value},\n`);
  return lines.length === 0 ? '{}' : `{\n${lines.join('')}}`;
}

const listed = (values: Iterable<string | number>): string => [...new Set(values)].join(', ');

/** docs/guide/verdict-measured.md */
export function documentText(
  results: readonly CaseResult[],
  byFamily: readonly LeftOut[],
  byKind: readonly LeftOut[],
): string {
  const seeds = results.map(({ seed }) => seed);
  const builds = results.flatMap(({ build }) => build ?? []);
  const count = new Set(results.map(({ scenario }) => scenario)).size;
  const heading = `# How good verdicts are

Written by \`npm run bench:verdict -- --write\`. ${count} scenarios of the lab are played with seeds ${Math.min(...seeds)} to ${Math.max(...seeds)}${builds.length === 0 ? '' : ` on builds ${listed(builds)}`},
and the verdicts on its dumps, with symbols and without, are compared with what really happened: ${results.length} verdicts.

- kind: the verdict's kind. block: address, size, tag, allocator and state of the block. damage: its first byte and its length;
  bytes at the ends of a write that were so before may count or not.
  A value that the verdict leaves open counts as right only where the dump cannot tell it, by what the lab knows of its bytes.
- culprit: the module that did it is the first suspect. Counted where somebody did it, and the dump can tell who.
- block, damage, victims and address are counted over the scenarios about pool.
- A triage dump holds little memory: there a value may be left open, but not be wrong.
- Wrong with confidence is a wrong kind said with 0.5 or more.

The faults are planted by us. How often verdicts on crashes in the field are right is not known from this.
`;
  const calibration = `## Confidence

A verdict said with 0.9 should be right nine times in ten. Its weights were fitted to the even seeds of all scenarios but one
family, and tried on the odd seeds of the family that was left out, for each family in turn. A family is a scenario and its
variants; the same was done with whole kinds, of which a fit then knows nothing but what was judged by hand. The calibration error
is the average distance between what was said and what was. Right is a verdict of the right kind that names no other block.
`;
  const inUse = `### With the weights in use

The tables above are about weights that were fitted for them. With the weights of the source the verdicts said:
`;
  const said = results
    .filter(({ kind }) => kind !== 'unknown')
    .map(({ confidence, right }) => ({ probability: confidence, right }));
  const accused = results.flatMap(({ suspects }) =>
    suspects.map(({ score, right }) => ({ probability: score, right })),
  );
  const tables = [thresholdTable(results), ...allTallies(results), toldTable(results), wrongTable(results)];
  return [
    heading,
    ...tables.filter(({ rows }) => rows.length > 0).map(markdown),
    calibration,
    ...calibrationTables(byFamily, byKind).map(markdown),
    inUse,
    ...[bucketTable('Verdicts as said', said), bucketTable('Suspects as said', accused)].map(markdown),
  ].join('\n');
}
