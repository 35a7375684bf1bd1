import type { FleetOptions } from '@poolscope/lab/fleet';
import { type FittedWeights, fitted } from '../../../packages/triage/src/suspects/index.ts';
import { evaluateRows, type Said } from './evaluate.ts';
import { type SimulatedFleet, simulate } from './simulate.ts';

type Line = FittedWeights['all'];

/** As it is: the calculated chance. */
const plain: Line = { a: 0, b: 1 };
const plainLines = { bucket: plain, all: plain, memory: plain };

/** Values that are tried, one weight after the other. */
const tried = {
  trust: [0.8, 0.95],
  loan: [0.7, 0.95],
  alike: [0.03, 0.06, 0.12],
  alikeOnMachine: [0.1, 0.2, 0.4],
  reach: [0.06, 0.12, 0.25],
  reputation: [0.1, 0.3, 1],
} as const;

/** Fleets of all sizes and shapes; half of the seeds could be of any of them. */
export function* fleetsToFit(first: number, count: number): Generator<FleetOptions> {
  const sizes = [20, 30, 40, 60, 100];
  const kernels = [0.2, 0.4, 0.7];
  for (let index = 0; index < count; index++)
    yield {
      seed: first + index,
      guilty: ([1, 1, 2, 0] as const)[index % 4]!,
      crashes: sizes[index % sizes.length]!,
      kernelDumps: kernels[index % kernels.length]!,
    };
}

/** The weights under which what is said of the fleets is likeliest; each line is fitted by itself. */
export function fitWeights(
  options: Iterable<FleetOptions>,
  onProgress: (line: string) => void,
): FittedWeights {
  const fleets = [...options].map((each) => simulate(each));
  const weights = bestWeights(fleets, onProgress);
  const said = saidOf(fleets, weights);
  return {
    ...weights,
    bucket: fitLine(said.bucket),
    all: fitLine(said.all),
    memory: fitLine(said.memory),
  };
}

/** Only the lines, which is done when the measured verdicts have changed a little. */
export function calibrate(options: Iterable<FleetOptions>): FittedWeights {
  const fleets = [...options].map((each) => simulate(each));
  const said = saidOf(fleets, { ...fitted, ...plainLines });
  return { ...fitted, bucket: fitLine(said.bucket), all: fitLine(said.all), memory: fitLine(said.memory) };
}

function bestWeights(fleets: readonly SimulatedFleet[], onProgress: (line: string) => void): FittedWeights {
  let weights: FittedWeights = { ...fitted, ...plainLines };
  let best = lossOf(fleets, weights);
  onProgress(`loss ${best.toFixed(4)}`);
  for (const name of Object.keys(tried) as (keyof typeof tried)[])
    for (const value of tried[name]) {
      if (value === weights[name]) continue;
      const other = { ...weights, [name]: value };
      const loss = lossOf(fleets, other);
      onProgress(`${name} ${value}: ${loss.toFixed(4)}`);
      if (loss < best) [best, weights] = [loss, other];
    }
  return weights;
}

function saidOf(fleets: readonly SimulatedFleet[], weights: FittedWeights) {
  const results = fleets.map((fleet) => evaluateRows(fleet, { weights }));
  return {
    all: results.flatMap(({ all }) => all),
    bucket: results.flatMap(({ inBuckets }) => inBuckets),
    memory: results.flatMap(({ memory }) => memory),
  };
}

/** Mean loss of a fleet. */
function lossOf(fleets: readonly SimulatedFleet[], weights: FittedWeights): number {
  const { all, bucket } = saidOf(fleets, weights);
  return (logLoss(all, fitLine(all)) + logLoss(bucket, fitLine(bucket))) / fleets.length;
}

const logit = (probability: number): number => Math.log(probability) - Math.log1p(-probability);
const chanceBy = ({ a, b }: Line, probability: number): number =>
  1 / (1 + Math.exp(-(a + b * logit(probability))));

function logLoss(said: readonly Said[], line: Line): number {
  let loss = 0;
  for (const { probability, right } of said) {
    const p = Math.min(0.999, Math.max(0.001, chanceBy(line, probability)));
    loss -= Math.log(right ? p : 1 - p);
  }
  return loss;
}

const rounds = 30;
/** Draws the slope to 1 and the rest to 0, as so many cases would. */
const ridge = 1;

/** Platt's logistic calibration, by Newton's method with steps that are halved until they help. */
export function fitLine(said: readonly Said[]): Line {
  const cost = (line: Line) => logLoss(said, line) + (ridge / 2) * (line.a ** 2 + (line.b - 1) ** 2);
  let line: Line = plain;
  for (let round = 0; round < rounds; round++) {
    const { a: da, b: db } = newtonStep(said, line);
    const before = cost(line);
    let size = 1;
    const at = (part: number): Line => ({ a: line.a - part * da, b: line.b - part * db });
    while (size > 1e-3 && cost(at(size)) > before) size /= 2;
    if (size <= 1e-3) break;
    line = at(size);
  }
  return { a: Number(line.a.toFixed(3)), b: Number(line.b.toFixed(3)) };
}

function newtonStep(said: readonly Said[], { a, b }: Line): Line {
  let [ga, gb, haa, hab, hbb] = [ridge * a, ridge * (b - 1), ridge, 0, ridge];
  for (const { probability, right } of said) {
    const x = logit(probability);
    const p = chanceBy({ a, b }, probability);
    const off = p - Number(right);
    const slope = p * (1 - p);
    ga += off;
    gb += off * x;
    haa += slope;
    hab += slope * x;
    hbb += slope * x * x;
  }
  const determinant = haa * hbb - hab * hab;
  return { a: (hbb * ga - hab * gb) / determinant, b: (haa * gb - hab * ga) / determinant };
}

/** `fitted.ts` with other numbers. */
export function fittedText(source: string, weights: FittedWeights): string {
  const line = (name: 'bucket' | 'all' | 'memory') =>
    `  ${name}: { a: ${weights[name].a}, b: ${weights[name].b} },`;
  const numbers = Object.entries(weights)
    .filter(([, value]) => typeof value === 'number')
    .map(([name, value]) => `  ${name}: ${value},`);
  const text = [...numbers, line('bucket'), line('all'), line('memory')].join('\n');
  return source.replace(/(export const fitted: FittedWeights = \{\n)[^]*?(\n\};)/, `$1${text}$2`);
}
