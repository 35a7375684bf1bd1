import type { FleetMachine } from '../suspects/index.ts';
import { readDriverSets } from './buckets.ts';
import { bumpMark } from './marks.ts';
import { putDriverSet } from './record.ts';
import type { Database } from './schema.ts';

/** Machines at a time. */
const atOnce = 500;

/** Takes the place of the inventory that was there: machines with what is installed on them, also those that never crashed. */
export const putInventory = (db: Database, machines: readonly FleetMachine[]): Promise<void> =>
  db.transaction().execute(async (write) => {
    await write.deleteFrom('inventory').execute();
    const rows: { machine: string; driver_set: string }[] = [];
    for (const { machine, drivers } of machines) {
      const sorted = [...drivers].sort((one, other) => (one.module < other.module ? -1 : 1));
      rows.push({ machine, driver_set: await putDriverSet(write, sorted) });
    }
    for (let at = 0; at < rows.length; at += atOnce) {
      await write
        .insertInto('inventory')
        .values(rows.slice(at, at + atOnce))
        .execute();
    }
    await bumpMark(write, 'arranged');
  });

export async function readInventory(db: Database): Promise<FleetMachine[]> {
  const rows = await db.selectFrom('inventory').selectAll().orderBy('machine').execute();
  const sets = await readDriverSets(db, [...new Set(rows.map(({ driver_set: id }) => id))]);
  return rows.map(({ machine, driver_set: id }) => ({ machine, drivers: sets.get(id) ?? [] }));
}
