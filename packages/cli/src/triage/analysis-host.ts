import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { openSession, unpackDumps } from '@poolscope/engine';
import { version } from '@poolscope/engine/base';
import type { AnalysisHost, DumpInFile } from '@poolscope/triage';
import { TemporarySink } from '../io/temporary-sink.ts';
import { readPoolTags } from '../pool-tags.ts';
import { openSymbolSource, type SymbolFlags } from '../symbols/symbol-options.ts';
import { hashOf, openSnapshot } from './dump-snapshot.ts';
import { CountedSink, UnpackedBytes } from './unpacked-bytes.ts';

const require = createRequire(import.meta.url);
const libraries = { icedNow: () => require('iced-x86') };

export interface HostFlags extends SymbolFlags {
  readonly pooltags?: string;
  readonly redact?: boolean;
  /** Most bytes that the dumps of one archive may have together. */
  readonly unpackLimit?: number;
}

/** Analyzes as `poolscope analyze` does, file after file. */
export function analysisHost(flags: HostFlags): AnalysisHost {
  const poolTags = flags.pooltags === undefined ? undefined : readPoolTags(flags.pooltags);
  const symbols = openSymbolSource(flags);
  return {
    analyzer: analyzerName(flags, symbols?.path, poolTags),
    async *open(path, name, onProgress) {
      const snapshot = openSnapshot(path);
      const unpacked = new UnpackedBytes(flags.unpackLimit ?? Number.POSITIVE_INFINITY, (bytes) =>
        onProgress({ what: 'unpacking', bytes }),
      );
      let sink: TemporarySink | undefined;
      try {
        const dumps = unpackDumps(snapshot.source, {
          makeSink: ({ size }) => {
            sink?.discard();
            sink = new TemporarySink({ expectedSize: size });
            return new CountedSink(sink, unpacked);
          },
        });
        for await (const { source, entry } of dumps) {
          const dump: DumpInFile = {
            sha256: hashOf(source, (bytes) => onProgress({ what: 'hashing', bytes, of: source.size })),
            bytes: source.size,
            ...(entry === undefined ? {} : { entry }),
            analyze: async () => {
              try {
                const session = await openSession(source, {
                  path: entry === undefined ? name : `${name}#${entry}`,
                  libraries,
                  ...(symbols && { symbols }),
                  ...(poolTags !== undefined && { poolTags }),
                });
                return session.analyze({ redact: flags.redact === true });
              } finally {
                // Whatever came of a file that was changed meanwhile says nothing of its dump.
                snapshot.check();
              }
            },
          };
          yield dump;
          symbols?.close();
        }
      } finally {
        sink?.discard();
        snapshot.close();
        symbols?.close();
      }
    },
  };
}

/** Version and options that change results: a result of others is no result of these. */
function analyzerName(
  flags: HostFlags,
  symbolPath: string | undefined,
  poolTags: string | undefined,
): string {
  const short = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 6);
  const options = [
    flags.redact === true ? 'redacted' : '',
    symbolPath === undefined ? '' : `symbols-${short(symbolPath)}`,
    poolTags === undefined ? '' : `tags-${short(poolTags)}`,
  ].filter((text) => text !== '');
  return [version, ...options].join('+');
}
