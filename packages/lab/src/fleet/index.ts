// Fleets of machines, with a ground truth: `@poolscope/lab/fleet`.

import { useSegmentHeaps } from '../segment-heaps.ts';

useSegmentHeaps();

export { fleetStories } from './draft-stories.ts';
export type { FleetMachine, InstalledDriver } from './fleet-machine.ts';
export {
  actorOf,
  type ImaginedVerdict,
  imagineVerdict,
  measuredKey,
  roles as measuredRoles,
} from './imagined.ts';
export type { FleetOptions } from './options.ts';
export {
  type CrashCause,
  type FleetPlan,
  type GuiltyDriver,
  type PlannedCrash,
  planFleet,
} from './plan-fleet.ts';
export { type Fleet, type FleetCrash, playCrash, playFleet } from './play-fleet.ts';
export { type Product, products, stampOf } from './products.ts';
export type { MeasuredVerdict } from './tables/measured.ts';
