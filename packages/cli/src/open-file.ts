import { createRequire } from 'node:module';
import {
  type ConsoleHost,
  openSession,
  type Session,
  type SymbolSource,
  unpackDump,
} from '@poolscope/engine';
import { FileSource } from './io/file-source.ts';
import { TemporarySink } from './io/temporary-sink.ts';
import { readPoolTags } from './pool-tags.ts';
import { ProgressLine, percent } from './progress-line.ts';
import type { SymbolFlags } from './symbols/symbol-options.ts';

/** iced-x86 is CommonJS, which require loads several times faster than import() does. */
const require = createRequire(import.meta.url);
const libraries = { icedNow: () => require('iced-x86') };

export interface FileOptions extends SymbolFlags {
  readonly pooltags?: string;
}

/** What a dump is opened with. */
export interface OpenParts {
  /** What the console's commands may use. */
  readonly host?: ConsoleHost | undefined;
  /** Its files are closed with the dump, where nobody else does it. */
  readonly symbols?: (SymbolSource & { close?(): void }) | undefined;
  /** Path of a pooltag.txt. */
  readonly pooltags?: string | undefined;
}

/** Opens a dump, or the one inside an archive; `close` frees the files. */
export async function openFile(
  path: string,
  { host, symbols, pooltags }: OpenParts = {},
): Promise<{ session: Session; close: () => void }> {
  const poolTags = pooltags === undefined ? undefined : readPoolTags(pooltags);
  const file = new FileSource(path);
  const progress = new ProgressLine(process.stderr);
  let sink: TemporarySink | undefined;
  const close = () => {
    sink?.discard();
    file.close();
    symbols?.close?.();
  };
  try {
    const { source } = await unpackDump(file, {
      makeSink: ({ size }) => {
        sink?.discard();
        sink = new TemporarySink({ expectedSize: size });
        return sink;
      },
      onProgress: (done, total) => progress.show(`unpacking ${path}`, amountOf(done, total)),
    });
    progress.clear();
    const options = {
      path,
      libraries,
      ...(host && { host }),
      ...(symbols && { symbols }),
      ...(poolTags !== undefined && { poolTags }),
    };
    return { session: await openSession(source, options), close };
  } catch (error) {
    close();
    throw error;
  } finally {
    progress.clear();
  }
}

/** Not every archive tells how large its content is. */
const amountOf = (done: number, total: number): string =>
  total > 0 ? percent(done, total) : `${Math.floor(done / 1e6)} MB`;
