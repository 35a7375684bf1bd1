import type { Va } from '../base/index.ts';
import type { Symbols } from '../symbols/index.ts';

/** Spellings that were found, by what was typed in lower case: scripts ask for the same names again and again. */
const spellings = new WeakMap<Symbols, Map<string, string>>();
/** Most spellings that are kept. */
const maxSpellings = 1000;

/**
 * Address of `module!name`, or of `name` in nt and then in the other modules, whatever its capitals: the debugger's symbols
 * are case-insensitive. Of names that differ only in capitals it is one of them; who types the right ones gets the right one.
 */
export function findInAnyCase(symbols: Symbols, typed: string): Va | undefined {
  const lower = typed.toLowerCase();
  const known = spellings.get(symbols) ?? new Map<string, string>();
  spellings.set(symbols, known);
  const before = known.get(lower);
  const again = before === undefined ? undefined : symbols.findAddress(before);
  if (again !== undefined) return again;
  const bang = lower.indexOf('!');
  const modules = bang >= 0 ? [lower.slice(0, bang)] : ['nt', ...symbols.names()];
  const spelling = findSpelling(symbols, modules, lower.slice(bang + 1));
  if (spelling === undefined) return undefined;
  if (known.size >= maxSpellings) known.clear();
  known.set(lower, spelling);
  return symbols.findAddress(spelling);
}

function findSpelling(symbols: Symbols, modules: Iterable<string>, wanted: string): string | undefined {
  for (const module of modules)
    for (const name of symbols.names(module))
      if (name.length === wanted.length && name.toLowerCase() === wanted) {
        const spelling = `${module}!${name}`;
        // An export that is found in another image has a name and no address.
        if (symbols.findAddress(spelling) !== undefined) return spelling;
      }
  return undefined;
}
