import { BlockCache, type ByteSource, MemorySink, openSystem, unpackDump } from '@poolscope/engine';
import type { Opened } from '../protocol/calls.ts';
import type { InputOf } from '../protocol/messages.ts';
import { loadArchiveLibrary } from './archive-library.ts';
import { BlobSource } from './blob-source.ts';
import type { EngineState } from './engine-state.ts';
import type { Job } from './job.ts';
import { ServedSymbols } from './served-symbols.ts';
import type { TypedServer } from './typed-server.ts';

/** The file is read in blocks of this size: a read of the browser takes a millisecond for any. */
const blockSize = 1 << 20;
const readAhead = 8 << 20;
/** Most memory for blocks of the file, besides what the engine keeps of its own. */
const capacity = 96 << 20;
/** What the engine's own cache of small blocks keeps: cheap to fill again from the large ones. */
const engineCache = { capacity: 48 << 20 };
/** Dumps in archives are unpacked to memory. */
const mostUnpacked = 1 << 30;

/** Opens a dump, or the one in an archive. Errors are those of unpackDump and openSystem. */
export async function openDump(
  state: EngineState,
  { file, name, symbols, typedServer }: InputOf<'open'>,
  job: Job,
): Promise<Opened> {
  state.close();
  const typed = typedServer === undefined ? undefined : await openServer(typedServer, job);
  const served = symbols === undefined ? undefined : new ServedSymbols(symbols.address, symbols.path);
  state.given.servers = [served, typed].filter((server) => server !== undefined);
  const packed = new BlockCache(new BlobSource(file), { blockSize, readAhead, capacity });
  const { source, entry } = await unpackDump(packed, {
    makeSink: () => new MemorySink(mostUnpacked),
    onProgress: async (done, total) => {
      job.progress({ what: `unpacking ${name}`, done, ...(total > 0 ? { total } : {}) });
      if (job.isDue) await job.turn();
    },
    loadWasm: loadArchiveLibrary,
  });
  job.progress({ what: 'reading the kernel', done: 0 });
  await job.turn();
  const facts = { name, size: file.size, ...(entry === undefined ? {} : { entry }) };
  const opened = await open(state, source, facts);
  return typed?.problem === undefined ? opened : { ...opened, serverProblem: typed.problem };
}

/** A server of symbols that the user typed in; what asks it is loaded with the first one. */
async function openServer(address: string, job: Job): Promise<TypedServer> {
  const { TypedServer: Server } = await import('./typed-server.ts');
  return new Server(address, (name) => job.progress({ what: `asking for ${name}`, done: 0 }));
}

async function open(
  state: EngineState,
  source: ByteSource,
  facts: { readonly name: string; readonly size: number; readonly entry?: string },
): Promise<Opened> {
  const { symbols } = state.given;
  const system = await openSystem(source, {
    cache: engineCache,
    ...(symbols === undefined ? {} : { symbols }),
  });
  state.use(system, facts.name);
  return { ...facts, pointerSize: system.target.pointerSize };
}
