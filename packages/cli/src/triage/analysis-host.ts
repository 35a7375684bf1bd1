import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { openSession, unpackDumps } from '@poolscope/engine';
import { version } from '@poolscope/engine/base';
import type { AnalysisHost, DumpInFile } from '@poolscope/triage';
import { TemporarySink } from '../io/temporary-sink.ts';
import { readPoolTags } from '../pool-tags.ts';
import { openSymbolSource, type SymbolFlags } from '../symbols/symbol-options.ts';
import { hashOf, openSnapshot } from './dump-snapshot.ts';

const require = createRequire(import.meta.url);
const libraries = { icedNow: () => require('iced-x86') };

export interface HostFlags extends SymbolFlags {
  readonly pooltags?: string;
  readonly redact?: boolean;
}

/** Analyzes as `poolscope analyze` does, file after file. */
export function analysisHost(flags: HostFlags): AnalysisHost {
  const poolTags = flags.pooltags === undefined ? undefined : readPoolTags(flags.pooltags);
  const symbols = openSymbolSource(flags);
  return {
    analyzer: analyzerName(flags, symbols?.path, poolTags),
    async *open(path, name) {
      const snapshot = openSnapshot(path);
      let sink: TemporarySink | undefined;
      try {
        const dumps = unpackDumps(snapshot.source, {
          makeSink: ({ size }) => {
            sink?.discard();
            sink = new TemporarySink({ expectedSize: size });
            return sink;
          },
        });
        for await (const { source, entry } of dumps) {
          const dump: DumpInFile = {
            sha256: hashOf(source),
            bytes: source.size,
            ...(entry === undefined ? {} : { entry }),
            analyze: async () => {
              const session = await openSession(source, {
                path: entry === undefined ? name : `${name}#${entry}`,
                libraries,
                ...(symbols && { symbols }),
                ...(poolTags !== undefined && { poolTags }),
              });
              const analysis = session.analyze({ redact: flags.redact === true });
              snapshot.check();
              return analysis;
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
