import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digest, type Facts, type StoredReport } from '../src/facts.ts';
import { openDatabase } from '../src/store/open-store.ts';
import type { OpenedDatabase } from '../src/store/opened-database.ts';
import { pack } from '../src/store/packing.ts';
import { type NewResult, recordResults } from '../src/store/record.ts';

/** A store in a folder of its own. */
export async function temporaryStore(): Promise<
  OpenedDatabase & { folder: string; remove: () => Promise<void> }
> {
  const folder = mkdtempSync(join(tmpdir(), 'poolscope-store-'));
  const store = await openDatabase(join(folder, 'store.sqlite'));
  const remove = async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...store, folder, remove };
}

export interface MadeUp {
  /** Unlike all others. */
  readonly id: number;
  readonly signature: string;
  readonly machine?: string;
  readonly day?: string;
  readonly analyzer?: string;
  readonly again?: boolean;
  readonly summary?: string;
  /** Of the stack, for rules of signatures. */
  readonly frames?: readonly string[];
}

export const shaOf = (id: number): string => digest(`dump ${id}`);

/** A result as a worker hands it over. */
export function madeUpResult({
  id,
  signature,
  machine,
  day = '2026-03-01',
  analyzer = 'v1',
  again,
  summary,
  frames = [],
}: MadeUp): NewResult {
  const facts: Facts = {
    ...{ signature, kind: 'unknown', confidence: 0.2, summary: summary ?? `crash ${id}`, bugcheck: '0x19' },
    ...{ bugcheckName: 'BAD_POOL_HEADER', build: 19041, arch: 'x64', format: 'triage' },
    crashTime: `${day}T12:00:00.000Z`,
    tag: 'Bad1',
    suspect: 'bad.sys',
    drivers: [{ module: 'bad.sys', version: '5f000000-1000' }],
    hints: { suspects: [{ module: 'bad.sys', score: 0.7 }], tags: ['Bad1'], payload: null },
    machine: `drivers-${id}`,
  };
  return {
    dump: { sha256: shaOf(id), bytes: 100 + id },
    analyzer,
    outcome: { state: 'analyzed', facts, body: bodyOf(signature, frames), milliseconds: 5 },
    attempts: 1,
    ...(machine === undefined ? {} : { machine: { name: machine, by: 'given' } }),
    ...(again === undefined ? {} : { again }),
  };
}

function bodyOf(signature: string, frames: readonly string[]): Uint8Array {
  const verdict = {
    ...{ kind: 'unknown', confidence: 0, summary: 'not known', block: null, victims: [], damage: null },
    ...{ freedAddress: null, suspects: [], evidence: [], next: [], picture: null },
  };
  const dump = { path: 'a.dmp', bytes: 1, format: 'triage', machine: 'x64', build: 19041, processors: 4 };
  const report = {
    schema: 'poolscope.analysis/1',
    tool: { name: 'poolscope', version: '0' },
    dump: { ...dump, crashTime: null, uptimeSeconds: null, secondaryData: [] },
    bugcheck: { code: '0x19', name: 'BAD_POOL_HEADER', description: '', parameters: [], meanings: [] },
    system: { buildText: null, product: null, process: null, processor: null },
    ...{
      fault: null,
      stack: [],
      modules: [],
      unloadedModules: [],
      verdict,
      signature,
      missing: [],
      warnings: [],
    },
  };
  const stack = frames.map((place) => {
    const module = place.split('!')[0]!;
    return { trust: 'unwind', module, image: `${module}.sys`, place };
  });
  const signatureInput = { name: 'BAD_POOL_HEADER', subcode: '20', headerSize: 16, stack };
  return pack({ report, signatureParts: [], signatureInput } as unknown as StoredReport);
}

export const record = (store: OpenedDatabase, ...results: MadeUp[]): Promise<string[]> =>
  recordResults(store.db, results.map(madeUpResult));
