import { bugCheckCommand } from './bugcheck.ts';
import type { Command } from './command.ts';
import { contextCommand, trapCommand } from './context.ts';
import { displayMemory } from './display-memory.ts';
import { displayPhysical } from './display-physical.ts';
import { displayPointers } from './display-pointers.ts';
import { displayText } from './display-text.ts';
import { enumTag } from './enum-tag.ts';
import { evaluateExpression } from './evaluate-expression.ts';
import { explainCommand } from './explain.ts';
import { makeHelp } from './help.ts';
import { listModules } from './list-modules.ts';
import { pteCommand } from './pte.ts';
import { registersCommand } from './registers.ts';
import { showExceptionRecord } from './show-exception-record.ts';
import { stackCommand } from './stack.ts';
import { unassemble } from './unassemble.ts';
import { versionCommand } from './version.ts';
import { vtopCommand } from './vtop.ts';

const all: Command[] = [
  versionCommand,
  bugCheckCommand,
  registersCommand,
  contextCommand,
  trapCommand,
  showExceptionRecord,
  stackCommand,
  listModules,
  displayMemory,
  displayPointers,
  displayText,
  displayPhysical,
  pteCommand,
  vtopCommand,
  unassemble,
  evaluateExpression,
  enumTag,
  explainCommand,
];
all.push(makeHelp(all));

/** Every command of the console, in the order of the help. */
export const commands: readonly Command[] = all;
