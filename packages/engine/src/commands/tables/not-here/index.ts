import { deviceExtensions } from './device-extensions.ts';
import { kernelExtensions } from './kernel-extensions.ts';
import { metaCommands } from './meta-commands.ts';
import { mexExtensions } from './mex-extensions.ts';
import { plainCommands } from './plain-commands.ts';
import type { NotHere } from './row.ts';
import { userExtensions } from './user-extensions.ts';

export type { NotHere } from './row.ts';

/**
 * Commands of the Windows debugger that are not here. A name moves out of these tables when the console learns it; a test
 * sees to that. Source: the debugger's documentation, by names.
 */
export const notHere: readonly NotHere[] = [
  ...plainCommands,
  ...metaCommands,
  ...kernelExtensions,
  ...userExtensions,
  ...deviceExtensions,
  ...mexExtensions,
];
