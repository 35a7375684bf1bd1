import { digest } from '../facts.ts';
import type { SourceItem } from '../sources/source-item.ts';

/** What a job tells a worker: names are paths and addresses as the worker's machine knows them. */
export interface JobData {
  readonly name: string;
  readonly fingerprint: string;
  readonly machine?: NonNullable<SourceItem['machine']>;
  readonly again?: boolean;
}

/** The same file is one job, however often it is put in; `round` tells a new attempt apart. */
export function jobId({ name, fingerprint }: JobData, round: string): string {
  const hex = digest(JSON.stringify([name, fingerprint, round])).slice(0, 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
