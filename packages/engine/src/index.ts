export type { Analysis, Report, SignaturePart } from './analyze/index.ts';
export { redact, redactedPath } from './analyze/index.ts';
export * from './archive/index.ts';
export * from './base/index.ts';
export {
  analyzePage,
  bareHost,
  type Command,
  type CommandGroup,
  type CommandResult,
  type ConsoleHost,
  commands,
  errorLines,
  type HostFile,
  type Line,
  lineText,
  type Progress,
  type Span,
  type Step,
  type Style,
} from './commands/index.ts';
export * from './io/index.ts';
export { splitCommands } from './script/index.ts';
export * from './session.ts';
