export * from './block-cache.ts';
export * from './byte-source.ts';
