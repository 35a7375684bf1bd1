import { type Va, wrap64 } from '../base/index.ts';
import { wildcardMatcher } from '../expr/index.ts';
import type { ModuleSymbols, NamedOffset, NearName } from '../symbols/index.ts';
import type { CrashedSystem } from '../system/index.ts';

/** A name with its address. */
export interface FoundSymbol {
  readonly module: string;
  readonly name: string;
  readonly address: Va;
  /** `undefined`: the section headers are not in the dump. */
  readonly kind: 'code' | 'data' | undefined;
  /** Bytes of a function, where the exception directory tells. */
  readonly size: number | undefined;
  /** `DLL.Name`: the name leads into another image. */
  readonly forwarder: string | undefined;
  /** The part of the dump that gives the name, where neither the image nor a file of symbols does. */
  readonly from?: string;
}

/**
 * Names that match `module!name`, by the debugger's wildcards, in the order of their addresses. A leading
 * underscore of the name stands for any number of them. Yields the names that were looked at.
 */
export function* findSymbols(system: CrashedSystem, pattern: string): Generator<number, FoundSymbol[]> {
  const [moduleFits, nameFits] = matchersOf(pattern);
  const found: FoundSymbol[] = [];
  let seen = 0;
  const modules = [...system.modules].sort((a, b) => (a.base < b.base ? -1 : 1));
  for (const { name: moduleName, base } of modules) {
    const symbols = moduleFits(moduleName) ? system.symbols.moduleAt(base) : undefined;
    for (const each of symbols?.symbols() ?? []) {
      if (++seen % stepNames === 0) yield seen;
      if (nameFits(each.name)) found.push(describeSymbol(symbols!, each));
    }
  }
  return found;
}

const stepNames = 4096;

function matchersOf(pattern: string): readonly [(text: string) => boolean, (text: string) => boolean] {
  const bang = pattern.indexOf('!');
  const name = pattern.slice(bang + 1);
  return [
    wildcardMatcher(bang < 0 ? '*' : pattern.slice(0, bang)),
    wildcardMatcher(name.startsWith('_') ? `_#${name.slice(1)}` : name),
  ];
}

function describeSymbol(
  symbols: ModuleSymbols,
  { name, rva, forwarder, from }: NearName & { readonly name: string },
): FoundSymbol {
  const executable = forwarder === undefined ? symbols.isExecutable(rva) : false;
  return {
    module: symbols.module.name,
    name,
    address: wrap64(symbols.module.base + BigInt(rva)),
    kind: executable === undefined ? undefined : executable ? 'code' : 'data',
    size: executable === true ? functionSize(symbols, rva) : undefined,
    forwarder,
    ...(from === undefined ? {} : { from }),
  };
}

function functionSize(symbols: ModuleSymbols, rva: number): number | undefined {
  const bounds = symbols.boundsAt(rva);
  return bounds?.start === rva ? bounds.end - bounds.start : undefined;
}

/** What is around an address. */
export interface NearestSymbols {
  readonly module: string;
  readonly base: Va;
  /** All names of the nearest address at or before it; of a reordered image, of the function that the address was taken from. */
  readonly before: readonly FoundSymbol[];
  /** Distance from them; in a program that was reordered after linking, the distance before that, as stacks show it. */
  readonly offset: number;
  readonly after: FoundSymbol | undefined;
  /** Does the address surely belong to the symbol before it? */
  readonly isInside: boolean;
}

/** The names around `va`; undefined outside of all modules. */
export function nearestSymbols(system: CrashedSystem, va: Va): NearestSymbols | undefined {
  const symbols = system.symbols.moduleAt(va);
  if (symbols === undefined) return undefined;
  const { name, base } = symbols.module;
  const rva = Number(va - base);
  const { before: nearest, after, isInside } = symbols.findAround(rva);
  const own = symbols.findName(rva);
  const before = own === undefined ? nearest : namesOf(symbols, own, rva - own.offset, nearest);
  const describe = (each: (typeof before)[number]) =>
    describeSymbol(symbols, { ...each, name: each.name ?? '' });
  return {
    module: name,
    base,
    before: before.map(describe),
    offset: own?.offset ?? rva - (before[0]?.rva ?? 0),
    after: after === undefined ? undefined : describe(after),
    isInside,
  };
}

/** Where a name stands, and what else is named there: not `start` in an image that was reordered after linking. */
function namesOf(
  symbols: ModuleSymbols,
  { name }: NamedOffset,
  start: number,
  nearest: readonly NearName[],
): readonly NearName[] {
  if (nearest[0]?.rva === start || nearest.some((each) => each.name === name)) return nearest;
  const rva = symbols.findRva(name) ?? start;
  const others = symbols.findAround(rva).before.filter((each) => each.rva === rva && each.name !== name);
  return [{ name, rva }, ...others];
}
