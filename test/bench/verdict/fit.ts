/** Findings or suspects with the same rules: how many there were, and how many of them were right. */
export interface Sample {
  readonly rules: readonly string[];
  readonly count: number;
  readonly right: number;
}

/** One number for each name. */
export type Parameters = Readonly<Record<string, number>>;

/** How parameters make a probability out of rules. */
export type Model = (parameters: Parameters, rules: readonly string[]) => number;

export interface FitOptions {
  /** What was judged before anything was measured: fitted parameters are drawn to it. */
  readonly judged: Parameters;
  /** Where each parameter has to stay. */
  readonly limits: (name: string) => readonly [least: number, most: number];
  /** How far a parameter strays from its judged value before it costs as much as one unlikely sample. */
  readonly spread: number;
  /** Of which no measurement changes the value. */
  readonly fixed?: readonly string[];
}

const rounds = 60;
const halvings = 40;
/** No probability is so low that a single sample decides everything. */
const floor = 0.005;

/**
 * The parameters under which the samples are likeliest, each drawn to its judged value (L2). One parameter after the other is
 * moved to its best place within its limits; the same samples give the same numbers.
 */
export function fit(samples: readonly Sample[], model: Model, options: FitOptions): Parameters {
  const parameters: Record<string, number> = { ...options.judged };
  const used = new Set(samples.flatMap(({ rules }) => rules));
  const names = Object.keys(parameters).filter((name) => used.has(name) && !options.fixed?.includes(name));
  for (let round = 0; round < rounds; round++) {
    let moved = 0;
    for (const name of names) {
      const before = parameters[name]!;
      const touched = samples.filter(({ rules }) => rules.includes(name));
      const cost = (value: number) => costOf(touched, model, { ...parameters, [name]: value }, name, options);
      parameters[name] = lowest(cost, options.limits(name));
      moved = Math.max(moved, Math.abs(parameters[name] - before));
    }
    if (moved < 1e-4) break;
  }
  return parameters;
}

function costOf(
  samples: readonly Sample[],
  model: Model,
  parameters: Parameters,
  name: string,
  { judged, spread }: FitOptions,
): number {
  let cost = ((parameters[name]! - judged[name]!) / spread) ** 2 / 2;
  for (const { rules, count, right } of samples) {
    const p = Math.min(1 - floor, Math.max(floor, model(parameters, rules)));
    cost -= right * Math.log(p) + (count - right) * Math.log(1 - p);
  }
  return cost;
}

/** The lowest place of a function with one valley. */
function lowest(cost: (value: number) => number, [least, most]: readonly [number, number]): number {
  let [from, to] = [least, most];
  for (let step = 0; step < halvings; step++) {
    const third = (to - from) / 3;
    if (cost(from + third) <= cost(to - third)) to -= third;
    else from += third;
  }
  return (from + to) / 2;
}

/** Samples with the same rules as one; a weight makes groups of samples equal in sum. */
export function grouped(
  all: readonly { readonly rules: readonly string[]; readonly right: boolean; readonly weight: number }[],
): Sample[] {
  const groups = new Map<string, { rules: readonly string[]; count: number; right: number }>();
  for (const { rules, right, weight } of all) {
    const sorted = rules.toSorted();
    const key = sorted.join(' ');
    const group = groups.get(key) ?? { rules: sorted, count: 0, right: 0 };
    group.count += weight;
    group.right += right ? weight : 0;
    groups.set(key, group);
  }
  return [...groups.values()];
}
