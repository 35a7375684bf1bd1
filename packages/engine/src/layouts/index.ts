export * from './context.ts';
export * from './debugger-data.ts';
export * from './dump-header.ts';
export * from './image.ts';
export * from './layout.ts';
export * from './loader.ts';
export * from './trap-frame.ts';
export * from './triage.ts';
