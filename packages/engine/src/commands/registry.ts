import { deleteAlias, listAliases, setAlias } from './alias.ts';
import { allStacksCommand } from './all-stacks.ts';
import { analyzeCommand } from './analyze-crash.ts';
import { bugCheckCommand } from './bugcheck.ts';
import { checkImage } from './check-image.ts';
import { processCommand } from './choose-process.ts';
import { threadCommand } from './choose-thread.ts';
import type { Command } from './command.ts';
import { compareCommand } from './compare-memory.ts';
import { contextCommand, trapCommand } from './context.ts';
import { displayAgain, displays } from './display-again.ts';
import { displayPhysical } from './display-physical.ts';
import { displayType } from './display-type.ts';
import { echoCommand } from './echo.ts';
import { effectiveMachine } from './effective-machine.ts';
import { enumTag } from './enum-tag.ts';
import { evaluateCppCommand } from './evaluate-cpp.ts';
import { evaluateExpression } from './evaluate-expression.ts';
import { examineSymbols } from './examine-symbols.ts';
import { exceptionContext } from './exception-context.ts';
import { explainCommand } from './explain.ts';
import { forEachModuleCommand } from './for-each-module.ts';
import { formatsCommand } from './formats.ts';
import { frameCommand } from './frame.ts';
import { freedSpecialPool } from './freed-special-pool.ts';
import { makeHelp } from './help.ts';
import { lastEvent } from './last-event.ts';
import { leaveCommand } from './leave.ts';
import { listModules } from './list-modules.ts';
import { appendLog, closeLogFile, openLog, showLogFile } from './log-file.ts';
import { lookasideCommand } from './lookaside.ts';
import { memoryTotals } from './memory-totals.ts';
import { nearestSymbolsCommand } from './nearest-symbols.ts';
import { poolCommand } from './pool.ts';
import { listBigPool } from './pool-big.ts';
import { checkPoolCommand } from './pool-check.ts';
import { findPool } from './pool-find.ts';
import { mapPool } from './pool-map.ts';
import { poolTagCommand } from './pool-tag.ts';
import { poolUsed } from './pool-used.ts';
import { validatePool } from './pool-validate.ts';
import { printfCommand } from './printf.ts';
import { processorsCommand } from './processors.ts';
import { pteCommand } from './pte.ts';
import { ptovCommand } from './ptov.ts';
import { radixCommand } from './radix.ts';
import { registerMask } from './register-mask.ts';
import { registersCommand } from './registers.ts';
import { reloadSymbols } from './reload-symbols.ts';
import { listCommand } from './run-on-list.ts';
import { runScript } from './run-script.ts';
import { searchCommand } from './search-memory.ts';
import { searchPhysicalCommand } from './search-physical.ts';
import { showAddress } from './show-address.ts';
import { showCpuInfo } from './show-cpu-info.ts';
import { showDevice } from './show-device.ts';
import { showDeviceStack } from './show-device-stack.ts';
import { showDriver } from './show-driver.ts';
import { showError } from './show-error.ts';
import { showExceptionRecord } from './show-exception-record.ts';
import { showFileObject } from './show-file-object.ts';
import { showHeaders } from './show-headers.ts';
import { showHeap } from './show-heap.ts';
import { showImage } from './show-image.ts';
import { showIrp } from './show-irp.ts';
import { showIrql } from './show-irql.ts';
import { showMdl } from './show-mdl.ts';
import { showObject } from './show-object.ts';
import { showPageFrame } from './show-page-frame.ts';
import { showPcr } from './show-pcr.ts';
import { showPrcb } from './show-prcb.ts';
import { showProcess } from './show-process.ts';
import { showRunning } from './show-running.ts';
import { showThread } from './show-thread.ts';
import { showTime } from './show-time.ts';
import { sourceLinesCommand } from './source-lines.ts';
import { stackCommand } from './stack.ts';
import { symbolPath } from './symbol-path.ts';
import { systemsCommand } from './systems.ts';
import { tagUsersCommand } from './tag-users.ts';
import { unassemble } from './unassemble.ts';
import { unassembleBackwards } from './unassemble-backwards.ts';
import { unassembleFunction } from './unassemble-function.ts';
import { unassemblePhysical } from './unassemble-physical.ts';
import { validateList } from './validate-list.ts';
import { verifierCommand } from './verifier.ts';
import { versionCommand } from './version.ts';
import { vtopCommand } from './vtop.ts';
import { whyCommand } from './why.ts';

const all: Command[] = [
  versionCommand,
  bugCheckCommand,
  showTime,
  sourceLinesCommand,
  systemsCommand,
  analyzeCommand,
  registersCommand,
  registerMask,
  contextCommand,
  trapCommand,
  exceptionContext,
  showExceptionRecord,
  lastEvent,
  effectiveMachine,
  stackCommand,
  frameCommand,
  allStacksCommand,
  processorsCommand,
  showProcess,
  showThread,
  processCommand,
  threadCommand,
  showRunning,
  showPcr,
  showPrcb,
  showIrql,
  showCpuInfo,
  listModules,
  nearestSymbolsCommand,
  examineSymbols,
  reloadSymbols,
  symbolPath,
  showImage,
  showHeaders,
  forEachModuleCommand,
  ...displays,
  displayType,
  displayAgain,
  displayPhysical,
  searchCommand,
  compareCommand,
  searchPhysicalCommand,
  freedSpecialPool,
  validateList,
  poolCommand,
  validatePool,
  findPool,
  checkPoolCommand,
  listBigPool,
  mapPool,
  poolUsed,
  lookasideCommand,
  poolTagCommand,
  showHeap,
  pteCommand,
  vtopCommand,
  showPageFrame,
  memoryTotals,
  showAddress,
  ptovCommand,
  verifierCommand,
  tagUsersCommand,
  whyCommand,
  showObject,
  showDriver,
  showDevice,
  showDeviceStack,
  showFileObject,
  showIrp,
  showMdl,
  unassemble,
  unassembleBackwards,
  unassembleFunction,
  unassemblePhysical,
  checkImage,
  evaluateExpression,
  evaluateCppCommand,
  formatsCommand,
  showError,
  radixCommand,
  enumTag,
  echoCommand,
  printfCommand,
  setAlias,
  listAliases,
  deleteAlias,
  runScript,
  listCommand,
  openLog,
  appendLog,
  closeLogFile,
  showLogFile,
  explainCommand,
  leaveCommand,
];
all.push(makeHelp(all));

/** Every command of the console, in the order of the help. */
export const commands: readonly Command[] = all;
