import { createRequire } from 'node:module';
import { type ConsoleHost, openSession, type Session, unpackDump } from '@poolscope/engine';
import { FileSource } from './io/file-source.ts';
import { TemporarySink } from './io/temporary-sink.ts';
import { ProgressLine, percent } from './progress-line.ts';

/** iced-x86 is CommonJS, which require loads several times faster than import() does. */
const require = createRequire(import.meta.url);
const libraries = { icedNow: () => require('iced-x86') };

export interface FileOptions {
  readonly symbols: readonly string[];
  readonly pooltags?: string;
}

/** Opens a dump, or the one inside an archive; `close` frees the file. `host`: what the console's commands may use. */
export async function openFile(
  path: string,
  host?: ConsoleHost,
): Promise<{ session: Session; close: () => void }> {
  const file = new FileSource(path);
  const progress = new ProgressLine(process.stderr);
  let sink: TemporarySink | undefined;
  const close = () => {
    sink?.discard();
    file.close();
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
    return {
      session: await openSession(source, { path, libraries, ...(host === undefined ? {} : { host }) }),
      close,
    };
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

/** Says on stderr which of the given options this version cannot use yet, instead of ignoring them silently. */
export function noteUnused(options: FileOptions): void {
  if (options.symbols.length > 0)
    process.stderr.write('poolscope: --symbols is not used by this version; names come from export tables\n');
  if (options.pooltags !== undefined)
    process.stderr.write('poolscope: --pooltags is not used by this version; pool is not examined yet\n');
}
