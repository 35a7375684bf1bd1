import type { FleetTable } from './fleet-table.ts';
import type { Recurrence } from './result.ts';
import type { CrashRow } from './rows.ts';
import { keyOf } from './single-dump.ts';

/** Tags in front of the damage, and texts in it, that are in more than one of the rows; those on most machines first. */
export function findRecurrences(table: FleetTable, rows: readonly CrashRow[]): Recurrence[] {
  const groups = new Map<string, { what: Recurrence['what']; value: string; rows: CrashRow[] }>();
  const add = (what: Recurrence['what'], value: string, row: CrashRow): void => {
    const key = keyOf(what, value);
    const group = groups.get(key) ?? { what, value, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  };
  for (const row of rows) {
    for (const tag of row.tags) add('tag', tag, row);
    if (row.payload !== null) add('payload', row.payload, row);
  }
  return [...groups.values()]
    .filter((group) => group.rows.length > 1)
    .map((group) => recurrence(table, group))
    .sort((one, other) => other.machines - one.machines || other.crashes - one.crashes);
}

/** A dump that gives a driver less than this does not name it. */
const leastScore = 0.3;

function recurrence(
  table: FleetTable,
  { what, value, rows }: { what: Recurrence['what']; value: string; rows: readonly CrashRow[] },
): Recurrence {
  const named = new Map<string, number>();
  for (const { suspects } of rows) {
    const [first] = suspects;
    if (first !== undefined && first.score >= leastScore)
      named.set(first.module, (named.get(first.module) ?? 0) + 1);
  }
  const [best] = [...named].sort(([, one], [, other]) => other - one);
  return {
    what,
    value,
    crashes: rows.length,
    machines: new Set(rows.map((row) => table.machineOf(row))).size,
    module: best?.[0] ?? null,
    named: best?.[1] ?? 0,
  };
}
