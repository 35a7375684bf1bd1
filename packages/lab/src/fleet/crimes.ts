import { CaptureCard, NetWatch, PathGuard, SerialRing, StreamTag, VolMirror } from '../drivers/index.ts';
import { type Scenario, scenarios, suitsBuild } from '../scenarios/index.ts';
import type { Product } from './products.ts';

/** Stories that tell of whatever driver does two things with one record. */
const ofAnyPair = ['double-free-late', 'double-free-reused', 'use-after-free-reused'];

/** Stories by the class of the driver that is guilty in them, whatever it is called. */
const stories: readonly (readonly [NonNullable<Product['kind']>, readonly string[]])[] = [
  [NetWatch, ['overrun-hostname', 'overrun-element', 'overrun-into-free']],
  [VolMirror, ['overrun-structure', 'overrun-zeros', 'double-free-lookaside', ...ofAnyPair]],
  [SerialRing, ['overrun-last-byte', 'overrun-nul', 'underrun-index', ...ofAnyPair]],
  [PathGuard, ['overrun-utf16', 'overrun-far', 'free-stack', ...ofAnyPair]],
  [StreamTag, ['free-field', 'free-unaligned', 'free-as-name', ...ofAnyPair]],
  [CaptureCard, ['underrun-header', 'free-user-address', 'free-large-inside', ...ofAnyPair]],
];

/** What a bad memory module does. */
export const hardwareStories: readonly string[] = ['bit-flip-header', 'bit-flip-link'];

/** Crashes of a whole pool: what has to be on the machine, and the driver at fault. */
export interface UnrelatedStory {
  readonly name: string;
  readonly needs?: string;
  /** A driver of this class has to be there too, whatever it is called. */
  readonly beside?: NonNullable<Product['kind']>;
}

export const unrelatedStories: readonly UnrelatedStory[] = [
  { name: 'healthy-crash-keys' },
  { name: 'healthy-worker', needs: 'volmirr' },
  { name: 'healthy-removed-card', needs: 'capcard' },
  { name: 'healthy-kernel-copy', needs: 'capcard' },
  { name: 'healthy-interrupt', needs: 'capcard', beside: SerialRing },
  { name: 'stack-cookie', needs: 'pathgrd' },
];

export function story(name: string): Scenario {
  const found = scenarios.find((each) => each.name === name);
  if (found === undefined) throw new RangeError(`no scenario is called ${name}`);
  return found;
}

/** What a product can be guilty of. */
export const crimesOf = ({ kind }: Product): readonly string[] =>
  stories.find(([each]) => each === kind)?.[1] ?? [];

/** Can a story happen on a build? */
export const happensOn = (name: string, build: number): boolean => suitsBuild(story(name), build);

/** The kernels' allocators, on which it depends how a fault ends. */
export const poolOf = (build: number): 'classic' | 'heap' => (build < 18_362 ? 'classic' : 'heap');
