export type { Candidate, Completion } from './candidate.ts';
export { complete } from './complete.ts';
