import { digest } from '../facts.ts';
import type { SourceItem } from './source-item.ts';

/** The same source under names that say nothing of people and machines, and are the same each time. */
export const redactedSource = (item: SourceItem): SourceItem => ({
  ...item,
  name: `redacted-${digest(item.name).slice(0, 16)}`,
  ...(item.machine === undefined
    ? {}
    : { machine: { ...item.machine, name: `machine-${digest(item.machine.name).slice(0, 10)}` } }),
  shownName: item.shownName ?? item.name,
  isRedacted: true,
});

/** The same files under names that tell nothing. */
export async function* redactedSources(items: AsyncIterable<SourceItem>): AsyncGenerator<SourceItem> {
  for await (const item of items) yield redactedSource(item);
}
