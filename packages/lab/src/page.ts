// The lab for pages in a browser: `@poolscope/lab/page`. What is here plays every scenario on classic pool; what the others
// need is loaded when it is asked for.

export { type VerifierSettings, verifierCommand, verifierOff } from './driver-verifier/index.ts';
export type { Machine } from './machine/machine.ts';
export type { ScenarioTruth } from './machine/scenario-truth.ts';
export type { TrueBlock } from './pool/index.ts';
export type { RunningMachine } from './run/index.ts';
export {
  heapScenarios,
  type PlayOptions,
  playableBuilds,
  playScenario,
  type Scenario,
  scenarios,
  suitsBuild,
  usualBuild,
} from './scenarios/index.ts';
export { poolTagValue } from './special-pool/index.ts';
export { type DumpKind, type DumpOptions, dumpBytes, kernelFamily, writeDump } from './write-dump.ts';

import { heapBuilds } from './machine/profiles/heap.ts';

/** Loads what machines of a build need beyond those of classic pool: call it before `playScenario`. */
export async function partsFor(build: number): Promise<void> {
  if (!heapBuilds('x64').includes(build)) return;
  const { useSegmentHeaps } = await import('./segment-heaps.ts');
  useSegmentHeaps();
}
