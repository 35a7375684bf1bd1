import type { Line } from '@poolscope/engine';
import { identityText, type ModuleSymbolsEntry } from './module-symbols.ts';

/** Reasons that are shown of one module; --json has all. */
const mostReasons = 4;

/** What serves each module, for people: a line a module, and below it what and why. */
export function listText(entries: readonly ModuleSymbolsEntry[]): Line[] {
  const width = Math.max(6, ...entries.map(({ module }) => module.length));
  const named = entries.filter(isServed).length;
  return [
    ...entries.flatMap((entry) => entryLines(entry, width)),
    [''],
    [`${named} of ${entries.length} modules have symbols.`],
  ];
}

export function entryLines(entry: ModuleSymbolsEntry, width: number): Line[] {
  const { module, symbols } = entry;
  const head: Line = [
    { text: module.padEnd(width), style: 'heading' },
    '  ',
    { text: symbols.padEnd(7), style: isFile(symbols) ? 'good' : 'dim' },
    `  ${identityText(entry)}`,
  ];
  const files = entry.files.map(
    ({ kind, path, why }): Line => detail(width, `${kind === 'built-in' ? '' : `${kind} `}${path}: ${why}`),
  );
  return [head, ...files, ...(isServed(entry) ? [] : missingLines(entry, width))];
}

/** Why there is nothing, or where it would be. */
function missingLines({ tried, places }: ModuleSymbolsEntry, width: number): Line[] {
  const reasons = tried.filter(({ why }) => why !== null).map(({ where, why }) => `${where}: ${why}`);
  const shown = reasons.slice(0, mostReasons);
  if (reasons.length > shown.length) shown.push(`and ${reasons.length - shown.length} more; --json has them`);
  const absent = shown.length > 0 ? [] : places.map((place) => `would be ${place}`);
  return [...shown, ...absent].map((text) => detail(width, text));
}

const detail = (width: number, text: string): Line => [' '.repeat(width + 2), text];

const isFile = (symbols: string): boolean => symbols !== 'exports' && symbols !== 'none';

/** By a file: what is built in has only some names. */
const isServed = ({ symbols, files }: ModuleSymbolsEntry): boolean =>
  isFile(symbols) && !files.some(({ kind }) => kind === 'built-in');
