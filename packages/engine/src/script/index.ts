export { splitCommands } from './cut.ts';
export { ScriptRunner } from './run.ts';
