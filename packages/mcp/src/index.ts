/** The engine's commands and reports over the Model Context Protocol. */

export { createServer, type ServerOptions, usualLimits } from './create-server.ts';
export type { DumpCall } from './dump-desk.ts';
export { DumpInThread } from './dump-in-thread.ts';
export { DumpHere, type DumpOpener, type OpenDump } from './open-dump.ts';
export { serveDump } from './serve-dump.ts';
