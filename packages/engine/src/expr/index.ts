export * from './evaluate.ts';
export * from './evaluation-context.ts';
export { matchesWildcard, wildcardMatcher } from './wildcard.ts';
