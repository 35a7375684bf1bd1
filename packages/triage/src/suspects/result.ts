/** How much more often a driver is on machines with these crashes than on others. The sampling unit is a machine. */
export interface Presence {
  /** Machines with these crashes that have the driver (in this version), and all of them. */
  readonly casesWith: number;
  readonly cases: number;
  /** The same of machines without such crashes. */
  readonly othersWith: number;
  readonly others: number;
  /** Natural logarithm of the odds ratio, shrunk to 0, and the ends of its 95 % interval. */
  readonly logOdds: number;
  readonly from: number;
  readonly to: number;
  /** Fisher's exact test, one-sided, and the false discovery rate at which it is still accepted (Benjamini and Hochberg). */
  readonly p: number;
  readonly q: number;
}

/** What single dumps say of a driver. */
export interface Naming {
  /** Dumps that name it, and all of the scope. */
  readonly named: number;
  readonly crashes: number;
  /** Mean score where it is named; 0: it is not. */
  readonly score: number;
}

/** A suspect of a bucket or of the whole fleet: a driver, or memory. `probability` is from 0 to 1. */
export interface FleetSuspect {
  /** `memory`: the machines' hardware, no driver. */
  readonly what: 'driver' | 'memory';
  /** File name in lower case; null for memory. */
  readonly module: string | null;
  /** Set where some versions of it are suspected and others are not. */
  readonly versions: readonly string[];
  /** Chance that it is guilty, calibrated on fleets of the lab. */
  readonly probability: number;
  /** The probability is at the level from which somebody is accused. */
  readonly accused: boolean;
  readonly presence: Presence | null;
  readonly naming: Naming;
  /** Machines whose memory is suspected, the worst first; of `memory` only. */
  readonly machines: readonly { readonly machine: string; readonly crashes: number }[];
  /** Sentences for people, the strongest first. */
  readonly reasons: readonly string[];
}

/** Something that recurs in the crashes of a scope: a tag in front of the damage, or its text. */
export interface Recurrence {
  readonly what: 'tag' | 'payload';
  readonly value: string;
  readonly crashes: number;
  readonly machines: number;
  /** The driver that single dumps with it name most often; null: none does. */
  readonly module: string | null;
  /** How many of them name that driver. */
  readonly named: number;
}

/** Suspects of a bucket, or of all crashes by damaged pool. */
export interface Ranking {
  /** Null: all crashes by damaged pool. */
  readonly bucket: string | null;
  readonly crashes: number;
  readonly machines: number;
  /** Machines to compare with: those without such crashes. */
  readonly others: number;
  /** Best first. Nobody is accused whose `accused` is false. */
  readonly suspects: readonly FleetSuspect[];
  readonly recurrences: readonly Recurrence[];
}
