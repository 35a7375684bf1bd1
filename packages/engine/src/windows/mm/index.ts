export * from './memory-counters.ts';
export * from './page-frame.ts';
export * from './physical-runs.ts';
export * from './system-region.ts';
export * from './system-regions.ts';
export * from './visible-state.ts';
