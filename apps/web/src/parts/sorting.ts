/** By which column a table is sorted. */
export interface Sorting<Column extends string> {
  readonly by: Column;
  readonly isDown: boolean;
}

/** Rows by a key; equal ones stay as they are. */
export function sorted<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string | number,
  isDown: boolean,
): Row[] {
  const keyed = rows.map((row) => ({ row, key: keyOf(row) }));
  const sign = isDown ? -1 : 1;
  keyed.sort((a, b) => (a.key < b.key ? -sign : a.key > b.key ? sign : 0));
  return keyed.map(({ row }) => row);
}
