export * from './byte-writer.ts';
export * from './module-writer.ts';
export * from './msf-writer.ts';
export * from './pdb-writer.ts';
export * from './sample.ts';
export * from './symbol-records.ts';
export * from './type-writer.ts';
