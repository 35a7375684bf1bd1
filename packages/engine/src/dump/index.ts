export * from './address-block.ts';
export * from './dump-type.ts';
export * from './header.ts';
export * from './open-dump.ts';
export * from './physical-memory.ts';
export * from './secondary-data.ts';
export type { Section, TriageDump } from './triage.ts';
export type { TriageDriver, TriageUnloadedDriver } from './triage-drivers.ts';
