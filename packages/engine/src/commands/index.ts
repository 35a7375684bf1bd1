export * from './analyze-page.ts';
export type { Command, Console, Scope } from './command.ts';
export * from './execute.ts';
export * from './output.ts';
export { commands } from './registry.ts';
export { versionLines } from './version.ts';
