/**
 * Codes of errors that pass: connections that end, a PostgreSQL that stops or starts, transactions that met.
 * Source: PostgreSQL's documentation, appendix A.
 */
const passing = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['57P01', '57P02', '57P03', '53300', '40001', '40P01'],
  // The server gave up one that did not speak for a while: its network was cut, or the machine slept.
  ...['25P03', '25P04', '57P05'],
]);

/** May the same succeed a little later? */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (passing.has(code) || code.startsWith('08')) return true;
  return /Connection terminated|timeout exceeded when trying to connect|not queryable|Query read timeout/i.test(
    error.message,
  );
}
