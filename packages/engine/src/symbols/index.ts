export * from './module-symbols.ts';
export * from './symbols.ts';
