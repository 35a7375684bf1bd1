export type { Analysis, Block, BlockValue, ClassicReport, Report, SignaturePart } from './analyze/index.ts';
export { redact, redactedPath } from './analyze/index.ts';
export * from './archive/index.ts';
export * from './base/index.ts';
export {
  type CodeBefore,
  type CodeRow,
  compareWithFile,
  disassemble,
  disassembleBefore,
  type FileComparison,
  type FoundSymbol,
  type FunctionListing,
  findSymbols,
  type ImageTables,
  imageTables,
  type ListedModule,
  listFunction,
  listModules,
  type ModuleList,
  type ModuleSelection,
  type NearestSymbols,
  nearestSymbols,
} from './code/index.ts';
export {
  analyzePage,
  bareHost,
  type Command,
  type CommandGroup,
  type CommandResult,
  type ConsoleHost,
  commands,
  errorLines,
  forEachModule,
  type HostFile,
  type Line,
  lineText,
  type NumberFormats,
  numberFormats,
  type Progress,
  type ScriptWord,
  scriptWords,
  promptOf,
  type Span,
  type Step,
  type Style,
} from './commands/index.ts';
export { RegisterSet } from './cpu/index.ts';
export * from './io/index.ts';
export * from './memory/index.ts';
export { type Candidate, type Completion, complete, repeatOf, splitCommands } from './script/index.ts';
export * from './session.ts';
export { type ListedThread, registersOfThread, walkThreadStacks } from './system/index.ts';
export {
  describeListEnd,
  type KernelTypes,
  type ListEnd,
  type ListEntry,
  type Member,
  Structure,
  type StructureType,
  slistDepth,
  slistFirst,
  walkChain,
  walkList,
  walkSingleList,
} from './types/index.ts';
export {
  type BugCheckEntry,
  describeBugCheck,
  explainBugCheck,
  headerException,
  readContext,
  readExceptionRecord,
  readTrapErrorCode,
  readTrapFrame,
} from './windows/index.ts';
export {
  findProcesses,
  findThread,
  type ProcessDepth,
  type ProcessFilter,
  type ProcessReport,
  type RunningReport,
  reportProcess,
  reportRunning,
  reportThread,
  type ThreadDepth,
  type ThreadReport,
} from './system/index.ts';
export {
  type ProcessBlock,
  type ProcessorBlock,
  type ProcessorIdentity,
  type ProcessorRegion,
  type ProcessStatistics,
  readProcessorBlock,
  readProcessorIdentity,
  readProcessorRegion,
  readSavedIrql,
  type SavedIrql,
  type ThreadBlock,
  type ThreadDetails,
} from './windows/index.ts';
