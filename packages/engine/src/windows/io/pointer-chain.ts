import type { Va } from '../../base/index.ts';

/** A chain of structures, each with a pointer to the next one. */
export interface PointerChain {
  readonly items: readonly Va[];
  /** How it ended: at a null pointer, where one was met before, in missing memory, or at the limit. */
  readonly end: 'complete' | 'cycle' | 'missing' | 'limit';
}

/** Follows a chain from its first item on; `next` gives undefined where a pointer cannot be read. */
export function followChain(
  first: Va | undefined,
  next: (item: Va) => Va | undefined,
  limit: number,
): PointerChain {
  const items = new Set<Va>();
  for (let at = first; ; at = next(at)) {
    const end =
      at === undefined
        ? 'missing'
        : at === 0n
          ? 'complete'
          : items.has(at)
            ? 'cycle'
            : items.size >= limit
              ? 'limit'
              : undefined;
    if (at === undefined || end !== undefined) return { items: [...items], end: end ?? 'missing' };
    items.add(at);
  }
}

/** Half a sentence about a chain that did not end as it should; undefined when it did. */
export function describeChainEnd({ end }: PointerChain): string | undefined {
  if (end === 'complete') return undefined;
  if (end === 'cycle') return 'it runs in a circle';
  return end === 'limit' ? 'there are more than are listed' : 'its next pointer is not in this dump';
}
