import { parentPort, workerData } from 'node:worker_threads';
import { serveDump } from '@poolscope/mcp';
import { openFile } from '../open-file.ts';
import { openSymbolSource } from '../symbols/symbol-options.ts';

/** The thread that reads one dump: its own program, started by `poolscope mcp`. */

export interface ThreadData {
  readonly path: string;
  readonly symbols: readonly string[];
  readonly pooltags?: string;
}

if (parentPort !== null) {
  const { path, symbols, pooltags } = workerData as ThreadData;
  await serveDump(parentPort, async () => {
    const { session } = await openFile(path, { symbols: openSymbolSource({ symbols }), pooltags });
    return session;
  });
}
