/**
 * Columns that a page may have: what COLUMNS says, as for other programs, else those of the terminal. Undefined: the answer goes
 * into a pipe or a file.
 */
export function screenColumns(
  stream: { readonly isTTY?: boolean; readonly columns?: number } = process.stdout,
  said: string | undefined = process.env['COLUMNS'],
): number | undefined {
  if (said !== undefined && /^[1-9]\d{0,4}$/.test(said)) return Number(said);
  const { isTTY = false, columns = 0 } = stream;
  return isTTY && columns > 0 ? columns : undefined;
}
