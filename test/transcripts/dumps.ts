import { buildMachine, type DumpKind, dumpBytes, type MachineOptions } from '@poolscope/lab';
import type { TestFiles } from './memory-host.ts';

/** The dumps that transcripts are made on: made-up machines, the same on every run. */
export const dumps = {
  'x64-kernel': [{}, 'bitmap-kernel'],
  'x64-full': [{}, 'full'],
  'x64-page-fault': [{ crash: 'page-fault' }, 'bitmap-kernel'],
  'x64-system-thread': [{ crash: 'system-thread' }, 'bitmap-kernel'],
  'x64-pool-free': [{ crash: 'pool-free' }, 'full'],
  'x64-small': [{}, 'triage'],
  'x64-header': [{}, 'header'],
  'x86-full': [{ architecture: 'x86' }, 'full'],
  'arm64-small': [{ architecture: 'arm64' }, 'triage'],
  'arm64-full': [{ architecture: 'arm64' }, 'full'],
} as const satisfies Readonly<Record<string, readonly [MachineOptions, DumpKind]>>;

export type DumpName = keyof typeof dumps;

export function dumpNamed(name: DumpName): Uint8Array {
  const [options, type] = dumps[name];
  return dumpBytes(buildMachine(options), { type });
}

/** Commands of one subject and the dumps they run on, in one console for each dump. */
export interface Area {
  /** Part of the names of the golden files: `golden/NAME-DUMP.txt`. */
  readonly name: string;
  readonly runs: Readonly<Partial<Record<DumpName, readonly string[]>>>;
  /** Files that its commands name. */
  readonly files?: TestFiles;
}
