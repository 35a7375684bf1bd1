import type { Machine } from '../cpu/index.ts';
import { type Profile, profiles } from '../layouts/index.ts';
import { against, type LayoutFact } from './layout-fact.ts';

/**
 * Builds that run the kernel image of another: later releases that only switch features on ("enablement packages").
 * Source: Microsoft's release notes of Windows 10 1909 and 20H2 to 22H2.
 */
const sameKernel: Readonly<Record<number, number>> = {
  18363: 18362,
  19042: 19041,
  19043: 19041,
  19044: 19041,
  19045: 19041,
};

/**
 * How a profile fits a build: it is of that build; it is the nearest; it is the nearest, and the build is newer or
 * older than every profile.
 */
export type Match = 'build' | 'nearest' | 'guess';

/** A profile for a kernel, and how it fits. */
export interface ProfileChoice {
  readonly profile: Profile;
  /** The build whose kernel image this is. */
  readonly kernel: number;
  readonly match: Match;
  /** Other profiles of the same build that the facts do not rule out. */
  readonly rivals: readonly Profile[];
}

/**
 * The built-in profile for a kernel; undefined for machines without one. Of several profiles of a build, the one that
 * the dump's own facts speak least against: updates of a build may move members.
 */
export function selectProfile(
  machine: Machine,
  build: number,
  facts: readonly LayoutFact[] = [],
): ProfileChoice | undefined {
  const known = profiles.filter((profile) => profile.machine === machine);
  if (known.length === 0) return undefined;
  const kernel = sameKernel[build] ?? build;
  const distance = (profile: Profile) => Math.abs(profile.build - kernel);
  const least = Math.min(...known.map(distance));
  // At the same distance, the older build.
  const nearest = known.filter((profile) => distance(profile) === least);
  const chosenBuild = Math.min(...nearest.map((profile) => profile.build));
  const ranked = nearest
    .filter((profile) => profile.build === chosenBuild)
    .map((profile) => ({ profile, wrong: against(profile, facts).length }))
    .sort((a, b) => a.wrong - b.wrong || Number(b.profile.isComplete) - Number(a.profile.isComplete));
  const [best, ...others] = ranked;
  return {
    profile: best!.profile,
    kernel,
    match: matchOf(known, kernel, least),
    rivals: others.filter(({ wrong }) => wrong === best!.wrong).map(({ profile }) => profile),
  };
}

function matchOf(known: readonly Profile[], kernel: number, distance: number): Match {
  if (distance === 0) return 'build';
  const builds = known.map(({ build }) => build);
  return kernel < Math.min(...builds) || kernel > Math.max(...builds) ? 'guess' : 'nearest';
}
