export { SystemStopped } from './cpu-fault.ts';
export { type Control, type ControlBuffer, Driver } from './driver.ts';
export { type ChangedBytes, DriverWrites } from './driver-writes.ts';
export type { SpecialPoolPages } from './host-services.ts';
export { allocateFromLookaside, freeToLookaside, lookasideBytes } from './lookaside-steps.ts';
export type { MachinePlaces } from './machine-places.ts';
export {
  type ImageAddress,
  type LocalAddress,
  type Place,
  Routine,
  type Value,
  type Variable,
} from './routine.ts';
export { type DeviceControl, RunningMachine, type RunningOptions } from './running-machine.ts';
export type { WatchOptions } from './watched-pools.ts';
