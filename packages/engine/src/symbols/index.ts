export * from './module-symbols.ts';
export * from './symbol-source.ts';
export * from './symbols.ts';
