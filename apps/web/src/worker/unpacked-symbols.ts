import { type ByteSource, isCabinet, unpackCabinet } from '@poolscope/engine';
import { loadArchiveLibrary } from './archive-library.ts';

/** The file in a cabinet, as symbol stores keep them (`ntkrnlmp.pd_`), or the file itself. */
export async function unpackedSymbols(source: ByteSource): Promise<ByteSource> {
  const head = new Uint8Array(8);
  source.readInto(0, head);
  if (!isCabinet(head)) return source;
  return (await unpackCabinet(source, { loadWasm: loadArchiveLibrary })).source;
}
