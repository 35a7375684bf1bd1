import type { Report } from '@poolscope/engine';

/** What the page reads of the answers of `poolscope serve`: see its `/api/openapi.json`. Times are ISO 8601. */

export interface BucketLine {
  readonly id: string;
  /** The signature, or what somebody called it. */
  readonly title: string;
  readonly count: number;
  readonly machines: number;
  readonly kind: string | null;
  readonly suspect: string | null;
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
}

export interface BucketList {
  readonly total: number;
  readonly buckets: readonly BucketLine[];
}

/** Crashes of a bucket on a day. */
export interface DayCount {
  readonly bucket: string;
  /** `2026-03-01`. */
  readonly day: string;
  readonly count: number;
}

export interface DayList {
  readonly days: readonly DayCount[];
}

type Counts = readonly { readonly value: string; readonly count: number }[];

export interface FleetSuspect {
  readonly what: 'driver' | 'memory';
  /** Null for memory. */
  readonly module: string | null;
  readonly versions: readonly string[];
  readonly probability: number;
  /** Probable enough to accuse it. */
  readonly accused: boolean;
  readonly reasons: readonly string[];
}

export interface BucketFacts extends BucketLine {
  readonly days: Counts;
  readonly trend: { readonly last: number; readonly before: number } | null;
  readonly machineNames: Counts;
  readonly builds: Counts;
  readonly kinds: Counts;
  readonly bugchecks: Counts;
  readonly tags: Counts;
  /** Null where they could not be computed. */
  readonly ranking: { readonly suspects: readonly FleetSuspect[] } | null;
  readonly dumps: readonly DumpLine[];
  readonly merged: readonly { readonly signature: string; readonly by: string }[];
}

export interface DumpLine {
  readonly sha256: string;
  readonly bucket: string;
  /** Why it is there, where that was decided by hand. */
  readonly bucketBy: string | null;
  readonly kind: string;
  readonly summary: string;
  readonly build: number;
  readonly crashTime: string | null;
  readonly machine: string | null;
  readonly source: string | null;
}

export interface DumpList {
  readonly total: number;
  readonly dumps: readonly DumpLine[];
}

export interface StoredDump extends DumpLine {
  readonly report: Report;
  /** The server keeps the file itself. */
  readonly kept?: boolean;
}
