import { reportHtml } from '@poolscope/engine';
import type { InputOf, Request } from '../protocol/messages.ts';
import { readBlockDetail } from './block-detail.ts';
import { Dispatcher } from './dispatcher.ts';
import { EngineState } from './engine-state.ts';
import { GivenFiles } from './given-files.ts';
import { openDump } from './open-dump.ts';
import { runCommands } from './run-commands.ts';
import { codeView } from './views/code.ts';
import { addressView, memoryView } from './views/memory.ts';
import { poolMapView } from './views/pool-map.ts';
import { registerView } from './views/registers.ts';
import { structureNames, structureView } from './views/structure.ts';
import { tagView } from './views/tags.ts';
import { verifierView } from './views/verifier.ts';

/** The engine in a worker of its own: it reads the file that the page hands over, and answers calls. */

declare const self: DedicatedWorkerGlobalScope;

const state = new EngineState();
const given = new GivenFiles();

const dispatcher = new Dispatcher(
  {
    open: (input, job) => openDump(state, given, input, job),
    analyze: ({ redact = false }) => state.session.analyze({ redact }).report,
    run: ({ text }, job) => runCommands(state.session, text, job),
    complete: ({ line, cursor }) => state.session.complete(line, cursor),
    give,
    reportPage: ({ redact }) => reportHtml(state.session.analyze({ redact }).report, 'poolscope'),
    registers: () => registerView(state.session, state.views),
    tags: (_, job) => tagView(state.session, job),
    memory: ({ address, length }) => memoryView(state.session, address, length),
    address: ({ expression }) => addressView(state.views, expression),
    structure: ({ name, address }) => structureView(state.session, name, address),
    structureNames: ({ typed }) => structureNames(state.session, typed),
    code: ({ expression, before, after }) => codeView(state.views, expression, before, after),
    verifier: (_, job) => verifierView(state.views, job),
    poolMap: (_, job) => poolMapView(state.session, job),
    blockDetail: ({ address }, job) => job.follow(readBlockDetail(state.session, address)),
  },
  (response, transfer) => self.postMessage(response, transfer),
);

self.addEventListener('message', ({ data }: MessageEvent<Request>) => {
  void dispatcher.receive(data);
});

async function give({ files }: InputOf<'give'>) {
  const taken = [];
  for (const { file, name } of files) taken.push(await given.take(file, name));
  if (state.isOpen) await given.serve(state.session);
  return taken;
}
