import { analyze, summarize } from './analyze.ts';
import { explainAddress } from './explain-address.ts';
import { listCommands } from './list-commands.ts';
import { listModules } from './list-modules.ts';
import { poolBlock, poolPage } from './pool.ts';
import { poolBlocks } from './pool-blocks.ts';
import { poolCheck } from './pool-check.ts';
import { poolTags } from './pool-tags.ts';
import { readMemory } from './read-memory.ts';
import { runCommand } from './run-command.ts';
import { searchSymbols } from './search-symbols.ts';
import type { DumpTool } from './tool.ts';

/** The tools over one dump, in the order of the list. */
export const dumpTools: readonly DumpTool[] = [
  summarize,
  analyze,
  runCommand,
  listCommands,
  listModules,
  searchSymbols,
  readMemory,
  explainAddress,
  poolBlock,
  poolPage,
  poolTags,
  poolBlocks,
  poolCheck,
];
export { type DumpTool, type ObjectSchema, schemaOf, textField } from './tool.ts';
