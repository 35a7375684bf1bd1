import { StoreError } from '@poolscope/triage';
import { UsageError } from '../usage-error.ts';

/** What is wrong with the store is told like wrong usage, with its remedy. */
export function asUsage(error: unknown): never {
  if (error instanceof StoreError) throw new UsageError(error.message, error.remedy);
  throw error;
}
