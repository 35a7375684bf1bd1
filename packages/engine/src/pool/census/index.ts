export * from './census-types.ts';
export * from './take-census.ts';
