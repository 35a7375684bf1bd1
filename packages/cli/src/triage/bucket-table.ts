import type { BucketList, listSetAside } from '@poolscope/triage';

type Aside = Awaited<ReturnType<typeof listSetAside>>;

/** The buckets as a table: the largest first, and behind them what gave no report. */
export function bucketTable({ total, buckets }: BucketList, aside: Aside): string[] {
  if (total === 0 && aside.total === 0) return ['No dumps yet.'];
  const rows = buckets.map((bucket) => [
    String(bucket.count),
    String(bucket.machines),
    dayOf(bucket.firstSeen),
    dayOf(bucket.lastSeen),
    bucket.id,
    bucket.title,
  ]);
  const lines = table(['dumps', 'machines', 'first seen', 'last seen', 'bucket', 'signature'], rows, 2);
  const rest = total - buckets.length;
  return [...lines, ...(rest > 0 ? [`and ${rest} more buckets`] : []), ...asideLines(aside)];
}

const dayOf = (time: string | null): string => time?.slice(0, 10) ?? '?';

function asideLines({ total, dumps }: Aside): string[] {
  if (total === 0) return [];
  const rows = dumps.map(({ state, code, sha256, source, reason, attempts }) => {
    const tries = state === 'failed' ? ` (tried ${attempts === 1 ? 'once' : `${attempts} times`})` : '';
    return `  ${code.padEnd(22)} ${source ?? sha256}: ${reason}${tries}`;
  });
  const rest = total - dumps.length;
  return ['', `${total} without a report:`, ...rows, ...(rest > 0 ? [`  and ${rest} more`] : [])];
}

/** Columns as wide as what is in them; the first `right` of them end at the same place. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: number,
): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column < right ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)];
}
