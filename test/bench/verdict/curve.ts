import { unlifted } from '../../../packages/engine/src/analyze/verdict/calibration.ts';
import type { Curve } from '../../../packages/engine/src/analyze/verdict/fitted.ts';
import type { Said } from './calibration.ts';

/** Something said of a dump of a scenario. */
export interface FromScenario extends Said {
  readonly scenario: string;
}

/** Few points: a scenario more or less does not bend the curve. */
const bands = [
  [unlifted, 0.7],
  [0.7, 0.8],
  [0.8, 0.9],
  [0.9, 1.01],
] as const;

/** What was judged counts as much as so many scenarios, as in the rule of succession. */
const strength = 2;
/** Planted faults make nothing surer than this. */
const ceiling = 0.99;

interface Point {
  readonly judged: number;
  readonly measured: number;
  readonly weight: number;
}

/**
 * A rising curve from judged chances to how often it was so, each point drawn to what was judged. All dumps of a scenario count
 * as one story.
 */
export function fitCurve(all: readonly FromScenario[]): Curve {
  const points = bands.flatMap(([from, to]) => {
    const inBand = all.filter(({ probability }) => probability > from - 1e-9 && probability < to - 1e-9);
    return inBand.length === 0 ? [] : [pointOf(inBand)];
  });
  return rising(points).map(
    ({ judged, measured }) => [hundredths(judged), hundredths(Math.min(ceiling, measured))] as const,
  );
}

const hundredths = (chance: number): number => Math.round(chance * 100) / 100;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function pointOf(all: readonly FromScenario[]): Point {
  const stories = [...new Set(all.map(({ scenario }) => scenario))].map((name) => {
    const ofIt = all.filter(({ scenario }) => scenario === name);
    return {
      judged: mean(ofIt.map(({ probability }) => probability)),
      right: mean(ofIt.map(({ right }) => Number(right))),
    };
  });
  const judged = mean(stories.map((story) => story.judged));
  const right = mean(stories.map((story) => story.right));
  const weight = strength + stories.length;
  return { judged, measured: (strength * judged + stories.length * right) / weight, weight };
}

/** Neighbours that fall become one value, their mean; none is below where the curve begins. */
function rising(points: readonly Point[]): Point[] {
  const levels: { measured: number; weight: number; of: Point[] }[] = [];
  for (const point of points) {
    levels.push({ ...point, of: [point] });
    while (levels.length > 1 && levels.at(-2)!.measured > levels.at(-1)!.measured) {
      const [a, b] = levels.splice(-2) as [(typeof levels)[0], (typeof levels)[0]];
      const weight = a.weight + b.weight;
      const measured = (a.measured * a.weight + b.measured * b.weight) / weight;
      levels.push({ measured, weight, of: [...a.of, ...b.of] });
    }
  }
  return levels.flatMap(({ measured, of }) =>
    of.map((point) => ({ ...point, measured: Math.max(unlifted, measured) })),
  );
}
