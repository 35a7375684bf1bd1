import type { MessagePort } from 'node:worker_threads';
import type { Session } from '@poolscope/engine';
import { DumpDesk } from './dump-desk.ts';
import type { FromThread, ToThread } from './thread-messages.ts';
import { errorFacts, ToolError } from './tool-error.ts';

/** What a thread does that reads one dump for `DumpInThread`: opens it, and answers until it is ended. */
export async function serveDump(port: MessagePort, open: () => Promise<Session>): Promise<void> {
  const say = (message: FromThread) => port.postMessage(message);
  const stopped = new Set<number>();
  try {
    const desk = new DumpDesk(await open());
    port.on('message', (message: ToThread) => {
      if (message.kind === 'stop') stopped.add(message.id);
      else void answer(desk, message, stopped, say);
    });
    say({ kind: 'opened' });
  } catch (error) {
    say({ kind: 'failed', id: 0, error: errorFacts(error) });
  }
}

async function answer(
  desk: DumpDesk,
  { id, call }: Extract<ToThread, { readonly kind: 'call' }>,
  stopped: Set<number>,
  say: (message: FromThread) => void,
): Promise<void> {
  const check = () => {
    if (stopped.has(id)) throw new ToolError('CANCELLED', 'the call was stopped');
  };
  try {
    say({ kind: 'answer', id, answer: await desk.call(call, check) });
  } catch (error) {
    say({ kind: 'failed', id, error: errorFacts(error) });
  } finally {
    stopped.delete(id);
  }
}
