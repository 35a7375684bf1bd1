export type { Analysis, Report, SignaturePart } from './analyze/index.ts';
export { redact, redactedPath } from './analyze/index.ts';
export * from './archive/index.ts';
export * from './base/index.ts';
export {
  analyzePage,
  type CommandResult,
  commands,
  type Line,
  lineText,
  type Span,
  type Style,
  splitCommands,
} from './commands/index.ts';
export * from './io/index.ts';
export * from './session.ts';
