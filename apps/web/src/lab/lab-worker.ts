import type { Request } from '../protocol/messages.ts';
import { Dispatcher } from '../worker/dispatcher.ts';
import { play } from './play.ts';
import { scenarioFacts } from './scenario-facts.ts';

/** The lab in a worker of its own: it plays machines and writes their dumps. */

declare const self: DedicatedWorkerGlobalScope;

const dispatcher = new Dispatcher(
  { scenarios: () => scenarioFacts(), play: (input, job) => play(input, job) },
  (response, transfer) => self.postMessage(response, transfer),
);

self.addEventListener('message', ({ data }: MessageEvent<Request>) => {
  void dispatcher.receive(data);
});
