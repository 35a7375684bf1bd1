export * from './code-before.ts';
export * from './code-rows.ts';
export * from './compare-file.ts';
export * from './function-extent.ts';
export * from './function-listing.ts';
export * from './modules.ts';
export * from './symbol-files.ts';
export * from './symbols.ts';
