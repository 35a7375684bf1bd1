import type { InputOf, OutputOf, Request } from '../protocol/messages.ts';
import type { ConsoleCall } from './console-calls.ts';
import { Dispatcher, type Handlers } from './dispatcher.ts';
import { EngineState } from './engine-state.ts';
import { GivenFiles } from './given-files.ts';
import type { Job } from './job.ts';
import { openDump } from './open-dump.ts';

/**
 * The engine in a worker of its own: it reads the file that the page hands over, and answers calls. What a verdict needs is loaded
 * with it; the commands, and what the views ask, when the first of them is asked for.
 */

declare const self: DedicatedWorkerGlobalScope;

const state = new EngineState(new GivenFiles());

const loadConsole = () => import('./console-calls.ts');

/** A call that is answered by the part with the commands. */
const later =
  <Name extends ConsoleCall>(name: Name) =>
  async (input: InputOf<Name>, job: Job): Promise<OutputOf<Name>> => {
    const { consoleCalls } = await loadConsole();
    return consoleCalls[name](state, input, job);
  };

const handlers = {
  open: (input, job) => openDump(state, input, job),
  analyze: ({ redact = false }) => state.report(redact),
  give,
  greeting: later('greeting'),
  run: later('run'),
  complete: later('complete'),
  reportPage: later('reportPage'),
  registers: later('registers'),
  tags: later('tags'),
  memory: later('memory'),
  address: later('address'),
  structure: later('structure'),
  structureNames: later('structureNames'),
  code: later('code'),
  verifier: later('verifier'),
  poolMap: later('poolMap'),
  blockDetail: later('blockDetail'),
} satisfies Handlers;

const dispatcher = new Dispatcher(handlers, (response, transfer) => self.postMessage(response, transfer));

self.addEventListener('message', ({ data }: MessageEvent<Request>) => {
  void dispatcher.receive(data);
});

async function give({ files }: InputOf<'give'>): Promise<OutputOf<'give'>> {
  const taken = [];
  for (const { file, name } of files) taken.push(await state.given.take(file, name));
  if (state.isOpen) await (await loadConsole()).readAnew(state);
  return taken;
}
