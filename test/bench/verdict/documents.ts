import {
  type Curve,
  confidenceCurve,
  suspicionCurve,
} from '../../../packages/engine/src/analyze/verdict/fitted.ts';
import type { CaseResult } from './cases.ts';
import { type Learned, type LeftOut, saidWith } from './learn.ts';
import {
  allTallies,
  bucketTable,
  calibrationTables,
  markdown,
  signatureTable,
  thresholdTable,
  toldTable,
  wrongTable,
} from './tables.ts';

/** The source file with the fitted curves. */
export const fittedText = ({
  confidence,
  suspicion,
}: Learned): string => `/** Points of a curve from the judged chance to the measured one, both rising, both above 0.5. */
export type Curve = readonly (readonly [judged: number, measured: number])[];

/**
 * What the judged weights of weights.ts turned out to be worth. Written by \`npm run bench:verdict -- --fit\`, from faults that
 * were planted in the lab: that is not the field.
 */
export const confidenceCurve: Curve = ${curveText(confidence)};

export const suspicionCurve: Curve = ${curveText(suspicion)};
`;

const curveText = (curve: Curve): string =>
  `[\n${curve.map(([judged, measured]) => `  [${judged}, ${measured}],\n`).join('')}]`;

const listed = (values: Iterable<string | number>): string => [...new Set(values)].join(', ');

/** What curves say that were fitted without a family, or a kind. */
interface LeftOuts {
  readonly byFamily: readonly LeftOut[];
  readonly byKind: readonly LeftOut[];
  /** Were they fitted to classic pool, and tried on other machines? Else to the even seeds, and tried on the odd ones. */
  readonly isElsewhere: boolean;
}

/** docs/guide/verdict-measured.md, and verdict-heaps-measured.md beside it. */
export function documentText(
  results: readonly CaseResult[],
  { byFamily, byKind, isElsewhere }: LeftOuts,
  isHeaps = false,
): string {
  const seeds = results.map(({ seed }) => seed);
  const builds = results.flatMap(({ build }) => build ?? []);
  const count = new Set(results.map(({ scenario }) => scenario)).size;
  const heading = `# How good verdicts are${isHeaps ? ' on segment heaps' : ''}

Written by \`npm run bench:verdict -- ${isHeaps ? '--heaps ' : ''}${isElsewhere ? '--learn FILE ' : ''}--write\`. ${count} scenarios of the lab are played with seeds ${Math.min(...seeds)} to ${Math.max(...seeds)}${builds.length === 0 ? '' : ` on builds ${listed(builds)}`},
and the verdicts on its dumps, with symbols and without, are compared with what really happened: ${results.length} verdicts.

- kind: the verdict's kind. block: address, size, tag, allocator and state of the block. damage: its first byte and its length;
  bytes at the ends of a write that were so before may count or not.
  A value that the verdict leaves open counts as right only where the dump cannot tell it, by what the lab knows of its bytes.
- culprit: the module that did it is the first suspect. Counted where somebody did it, and the dump can tell who.
- block, damage, victims and address are counted over the scenarios about pool.
- A triage dump holds little memory: there a value may be left open, but not be wrong.
- Wrong with confidence is a wrong kind said with 0.5 or more.

${isHeaps ? 'The curves that make probabilities of what is judged were fitted to classic pool alone: these machines are other ones.\n\n' : ''}The faults are planted by us. How often verdicts on crashes in the field are right is not known from this.
`;
  const calibration = `## Confidence

A verdict said with 0.9 should be right nine times in ten. The weights of the evidence are judged. What they give is turned into
a probability by a curve of a few points, one for verdicts and one for suspects: fitted to the even seeds of classic pool, each point
drawn to what was judged as if two more scenarios had said so, lifted to 0.99 at most; up to 0.5 nothing is changed. A suspect is lifted
only by as much as its verdict is sure. The curves of the tables below were fitted to ${isElsewhere ? 'verdicts on classic pool, with other seeds,' : 'the even seeds'} of all scenarios but one family,
and tried on ${isElsewhere ? 'the heaps' : 'the odd seeds'} of the family that was left out, for each family in turn. A family is a scenario and its variants; the same was
done with whole kinds. The calibration error is the average distance between what was said and what was. Right is a verdict of the right
kind that names no other block. All of this is about faults that were planted: the field is another matter.
`;
  const inUse = `### With the curves in use

The tables above are about curves that were fitted for them. With the curves of the source the verdicts say:
`;
  const said = saidWith({ confidence: confidenceCurve, suspicion: suspicionCurve }, results);
  const tables = [thresholdTable(results), ...allTallies(results), toldTable(results), wrongTable(results)];
  const signatures = `## Signatures

Crashes of one story should have one signature, on any machine, and other crashes another one. A story is what happened, by whom, to a
block of what tag and size, and how much was written: scenarios are played with other drivers, tags and sizes for each seed.
Different scenarios may tell the same story; crashes of which the dump tells only bug check and driver have these in common.
`;
  return [
    heading,
    ...tables.filter(({ rows }) => rows.length > 0).map(markdown),
    signatures,
    markdown(signatureTable(results)),
    calibration,
    ...calibrationTables(byFamily, byKind).map(markdown),
    inUse,
    ...[bucketTable('Verdicts as said', said.findings), bucketTable('Suspects as said', said.suspects)].map(
      markdown,
    ),
  ].join('\n');
}
