export * from './driver-pool.ts';
export {
  driverStructures,
  readVerifiedDrivers,
  type SuspectDriver,
  type VerifiedDriver,
  type VerifiedDrivers,
} from './drivers.ts';
export type { VerifierKernel } from './find-pool-ring.ts';
export * from './flags.ts';
export * from './other-logs.ts';
export * from './pool-log.ts';
export * from './report.ts';
export {
  type PoolCounters,
  readVerifierSettings,
  settingsStructures,
  type VerifierSettings,
  type VerifierStatistics,
} from './settings.ts';
export type { RingOrder, TraceRing } from './trace-ring.ts';
export * from './watched-irps.ts';
