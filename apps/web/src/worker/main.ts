import type { Request } from '../protocol/messages.ts';
import { Dispatcher } from './dispatcher.ts';
import { EngineState } from './engine-state.ts';
import { openDump } from './open-dump.ts';
import { runCommands } from './run-commands.ts';

/** The engine in a worker of its own: it reads the file that the page hands over, and answers calls. */

declare const self: DedicatedWorkerGlobalScope;

const state = new EngineState();

const dispatcher = new Dispatcher(
  {
    open: (input, job) => openDump(state, input, job),
    analyze: ({ redact = false }) => state.session.analyze({ redact }).report,
    run: ({ text }, job) => runCommands(state.session, text, job),
    complete: ({ line, cursor }) => state.session.complete(line, cursor),
  },
  (response, transfer) => self.postMessage(response, transfer),
);

self.onmessage = ({ data }: MessageEvent<Request>) => {
  void dispatcher.receive(data);
};
