import { DebuggerError } from '@poolscope/engine';

/** What this server refuses by itself, each with what to do instead. What the engine refuses has the engine's codes. */
const remedies = {
  BAD_ARGUMENTS: 'Call the tool again with arguments that fit its input schema.',
  UNKNOWN_TOOL: 'List the tools of this server.',
  PATH_NOT_ALLOWED:
    'Name a dump below an allowed folder: list_dumps shows them, find_dumps lists what is in them.',
  TOO_MANY_DUMPS: 'Close one with close_dump first.',
  NO_SUCH_DUMP: 'Open it with open_dump, or use an id of list_dumps.',
  TIME_LIMIT: 'Ask for less at once, or start the server with a larger --time-limit.',
  CANCELLED: 'Call the tool again.',
  DUMP_CLOSED: 'Open it again with open_dump.',
} as const;

export type ToolErrorCode = keyof typeof remedies;

/** What a client is told of an error. */
export interface ErrorFacts {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

export class ToolError extends Error {
  readonly code: ToolErrorCode;
  readonly remedy: string;

  constructor(code: ToolErrorCode, message: string) {
    super(message);
    this.name = 'ToolError';
    this.code = code;
    this.remedy = remedies[code];
  }
}

/** An error that was met in another thread. */
export class RemoteError extends Error {
  readonly facts: ErrorFacts;

  constructor(facts: ErrorFacts) {
    super(facts.message);
    this.name = 'RemoteError';
    this.facts = facts;
  }
}

/** An error as the client is told; what nobody expected is a bug of ours, and said to be one. */
export function errorFacts(error: unknown): ErrorFacts {
  if (error instanceof RemoteError) return error.facts;
  if (error instanceof ToolError || error instanceof DebuggerError)
    return { code: error.code, message: error.message, remedy: error.remedy };
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'BUG',
    message: `poolscope failed: ${message}`,
    remedy: 'Report this as a bug of poolscope.',
  };
}
