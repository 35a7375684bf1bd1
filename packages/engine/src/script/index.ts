export { type Candidate, type Completion, complete } from './completion/index.ts';
export { splitCommands } from './cut.ts';
export { repeatOf } from './repeat.ts';
export { ScriptRunner } from './run.ts';
