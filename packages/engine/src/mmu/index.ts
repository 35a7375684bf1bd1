export * from './block-memory.ts';
export * from './detect-paging.ts';
export * from './paged-memory.ts';
export * from './paging-setup.ts';
export * from './self-map.ts';
export { protectionOf } from './software-entry.ts';
export type { TableEntry, Translation } from './translation.ts';
export * from './virtual-memory.ts';
export type { TranslationState } from './walker.ts';
