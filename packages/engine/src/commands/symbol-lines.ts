import type { FoundSymbol } from '../code/index.ts';

/** What the debugger appends to a name whose type it does not know: an export has none. */
export function typeNote({ kind, forwarder }: FoundSymbol): string {
  if (forwarder !== undefined) return ` (forwarded to ${forwarder})`;
  if (kind === undefined) return '';
  return kind === 'code' ? ' (<no parameter info>)' : ' = <no type information>';
}
