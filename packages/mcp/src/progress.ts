import type { ServerNotification } from '@modelcontextprotocol/sdk/types.js';

/** Milliseconds between two words about a call that is still running. */
const every = 1000;

/**
 * Says once a second that a call is still at work, to a client that asked for it: how many seconds it has taken, of those that it may
 * take. Work over a dump tells no share of itself that is done, and none is made up.
 */
export function tellProgress(
  progressToken: string | number | undefined,
  seconds: number,
  send: (notification: ServerNotification) => Promise<void>,
): { end: () => void } {
  if (progressToken === undefined) return { end: () => undefined };
  let progress = 0;
  const timer = setInterval(() => {
    progress += every / 1000;
    const message = `at work for ${progress} s, of ${seconds} s at most`;
    const params = { progressToken, progress, total: seconds, message };
    // A client that is gone ends the call by itself.
    send({ method: 'notifications/progress', params }).catch(() => undefined);
  }, every);
  return { end: () => clearInterval(timer) };
}
