import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createServer, DumpInThread } from '@poolscope/mcp';
import { UsageError } from '../usage-error.ts';
import type { ThreadData } from './dump-thread.ts';

export interface McpFlags {
  readonly allow: readonly string[];
  readonly symbols: readonly string[];
  readonly pooltags?: string;
  readonly maxDumps: string;
  readonly timeLimit: string;
  readonly memoryLimit: string;
}

/** Serves dumps over standard input and output until the client goes away. Each dump is read by a thread of its own. */
export async function runMcp(flags: McpFlags): Promise<void> {
  if (flags.allow.length === 0)
    throw new UsageError(
      'no folder is allowed',
      'Name those whose dumps may be opened: poolscope mcp --allow FOLDER',
    );
  const missing = flags.allow.find((path) => !statSync(path, { throwIfNoEntry: false })?.isDirectory());
  if (missing !== undefined)
    throw new UsageError(`there is no folder ${missing}`, 'Name folders that are there with --allow.');
  const { symbols, pooltags } = flags;
  const megabytes = countOf('--memory-limit', flags.memoryLimit, 65_536);
  const server = createServer({
    allow: flags.allow,
    mostDumps: countOf('--max-dumps', flags.maxDumps, 64),
    seconds: countOf('--time-limit', flags.timeLimit, 86_400),
    open: async (path, signal) => {
      const workerData: ThreadData = { path, symbols, ...(pooltags === undefined ? {} : { pooltags }) };
      const worker = new Worker(new URL('dump-thread.js', import.meta.url), {
        workerData,
        resourceLimits: { maxOldGenerationSizeMb: megabytes },
      });
      return DumpInThread.open(worker, signal);
    },
  });
  const left = new Promise<void>((resolve) => {
    process.stdin.once('end', resolve);
    process.stdin.once('close', resolve);
  });
  await server.connect(new StdioServerTransport());
  await left;
  await server.close();
}

function countOf(option: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
  throw new UsageError(
    `${option} ${text} is no number from 1 to ${most}`,
    'poolscope mcp --help explains the limits.',
  );
}
