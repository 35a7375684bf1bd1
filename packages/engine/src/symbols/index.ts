export * from './acquire-symbols.ts';
export * from './built-in-table.ts';
export * from './match-symbols.ts';
export * from './module-symbols.ts';
export * from './open-symbol-file.ts';
export { type PackOptions, packProfile } from './packed-profile.ts';
export * from './symbol-source.ts';
export * from './symbol-table.ts';
export * from './symbols.ts';
