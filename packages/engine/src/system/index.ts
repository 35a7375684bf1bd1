export * from './crashed-system.ts';
export * from './known-stacks.ts';
