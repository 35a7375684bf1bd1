/** Weights that are fitted to simulated fleets: `node test/bench/fleet/main.mjs --fit`. */
export interface FittedWeights {
  /** How much of a single dump's score is believed. */
  readonly trust: number;
  /** What dumps without suspects take over from others with the same tag or text. */
  readonly loan: number;
  /** How alike the verdicts in a bucket are: of n dumps, n / (1 + (n - 1)·alike) count. */
  readonly alike: number;
  /** The same of the dumps of one machine. */
  readonly alikeOnMachine: number;
  /** Chance that some driver is guilty of crashes by damaged pool, before anything is looked at. */
  readonly guilt: number;
  /** Chance that a driver that is guilty at all is behind crashes that have one tag, or are in one bucket. */
  readonly reach: number;
  /** What it is worth in a bucket that a driver is suspected of other crashes: odds for a chance of 1. */
  readonly reputation: number;
  /** What a calculated chance p is worth: log odds a + b·ln(p / (1 - p)); of a bucket, and of all crashes by damaged pool. */
  readonly bucket: Line;
  readonly all: Line;
  readonly memory: Line;
}

export interface Line {
  readonly a: number;
  readonly b: number;
}

export const fitted: FittedWeights = {
  trust: 0.95,
  loan: 0.95,
  alike: 0.03,
  alikeOnMachine: 0.4,
  guilt: 0.85,
  reach: 0.06,
  reputation: 1,
  bucket: { a: 1.098, b: 1.46 },
  all: { a: 0.933, b: 1.501 },
  memory: { a: 1.374, b: 1.882 },
};

/** From this probability on somebody is accused. */
export const accusedFrom = 0.5;
