// Suspects over all results of a store, computed beside those who ask.
export { serveSuspects } from './fleet-process.ts';
export { FleetView, type FleetViewOptions } from './fleet-view.ts';
