import type { FoundSymbol } from '../code/index.ts';

/** What the debugger appends to a name whose type it does not know: an export has none. And where else a name comes from. */
export function typeNote({ kind, forwarder, from }: FoundSymbol): string {
  if (from !== undefined) return ` (named by the ${from === 'header' ? "dump's header" : from})`;
  if (forwarder !== undefined) return ` (forwarded to ${forwarder})`;
  if (kind === undefined) return '';
  return kind === 'code' ? ' (<no parameter info>)' : ' = <no type information>';
}
