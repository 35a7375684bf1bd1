export * from './analyze-page.ts';
export * from './command.ts';
export * from './console.ts';
export * from './execute.ts';
export * from './host.ts';
export * from './output.ts';
export { commands } from './registry.ts';
export { versionLines } from './version.ts';
