import { reportHtml } from '@poolscope/engine';
import type { CallName, InputOf, OutputOf } from '../protocol/messages.ts';
import { readBlockDetail } from './block-detail.ts';
import { Consoles } from './consoles.ts';
import type { EngineState } from './engine-state.ts';
import type { Job } from './job.ts';
import { runCommands } from './run-commands.ts';
import { codeView } from './views/code.ts';
import { addressView, memoryView } from './views/memory.ts';
import { poolMapView } from './views/pool-map.ts';
import { registerView } from './views/registers.ts';
import { structureNames, structureView } from './views/structure.ts';
import { tagView } from './views/tags.ts';
import { verifierView } from './views/verifier.ts';

/** Calls that need the commands, or what the commands read with. */
export type ConsoleCall = Exclude<CallName, 'open' | 'analyze' | 'give' | 'scenarios' | 'play'>;

type ConsoleCalls = {
  readonly [Name in ConsoleCall]: (
    state: EngineState,
    input: InputOf<Name>,
    job: Job,
  ) => OutputOf<Name> | Promise<OutputOf<Name>>;
};

/** The consoles over the open dump: made when they are first asked for. */
function consolesOf(state: EngineState): Consoles {
  state.consoles ??= new Consoles(state.system, state.path, state.given.owners);
  return state.consoles;
}

const typed = (state: EngineState) => consolesOf(state).typed;
const views = (state: EngineState) => consolesOf(state).views;

export const consoleCalls: ConsoleCalls = {
  greeting: (state) => {
    const session = typed(state);
    return {
      banner: session.banner(),
      warnings: session.warnings.map(({ message }) => message),
      prompt: session.prompt,
    };
  },
  run: (state, { text }, job) => runCommands(typed(state), text, job),
  complete: (state, { line, cursor }) => typed(state).complete(line, cursor),
  reportPage: (state, { redact }) => reportHtml(state.report(redact), 'poolscope'),
  registers: (state) => registerView(typed(state), views(state)),
  tags: (state, _, job) => tagView(typed(state), job),
  memory: (state, { address, length }) => memoryView(typed(state), address, length),
  address: (state, { expression }) => addressView(views(state), expression),
  structure: (state, { name, address }) => structureView(typed(state), name, address),
  structureNames: (state, { typed: text }) => structureNames(typed(state), text),
  code: (state, { expression, before, after }) => codeView(views(state), expression, before, after),
  verifier: (state, _, job) => verifierView(views(state), job),
  poolMap: (state, _, job) => poolMapView(typed(state), state.freedSpecial, job),
  blockDetail: (state, { address }, job) =>
    job.follow(readBlockDetail(typed(state), address, state.freedSpecial)),
};

/** Reads what is open with the files that were given since. */
export async function readAnew(state: EngineState): Promise<void> {
  const { symbols, owners } = state.given;
  const session = typed(state);
  if (owners !== undefined) session.console.poolTags = owners;
  if (symbols !== undefined) await session.useSymbols(symbols);
}
