import { readdirSync } from 'node:fs';
import type { Completion } from '@poolscope/engine';

/** Most names that are listed at once. */
const mostListed = 100;

/** What a line editor's Tab wants: the texts that may stand there, and the word that they take the place of. */
export type TabResult = [string[], string];

/** `line` ends at the cursor. */
export function tabResult(line: string, complete: () => Completion): TabResult {
  try {
    return resultOf(line, complete());
  } catch {
    // A name that cannot be completed can still be typed.
    return [[], line];
  }
}

function resultOf(line: string, { from, candidates, total, prefix, wantsFile }: Completion): TabResult {
  const word = line.slice(from);
  if (wantsFile) return [pathsLike(word), word];
  // The editor knows only what it is given: with the rest cut off it would see too much in common.
  if (prefix.length > word.length) return [[prefix], word];
  const texts = candidates.slice(0, mostListed).map(({ text }) => text);
  return [total > texts.length ? [...texts, `... and ${total - texts.length} more`] : texts, word];
}

/** Files and folders that a path may go on with; those that cannot be typed without quotes are left out. */
function pathsLike(path: string): string[] {
  const [, folder, start] = /^(.*[/\\])?(.*)$/s.exec(path)!;
  try {
    const entries = readdirSync(folder ?? '.', { withFileTypes: true });
    const fitting = entries.filter(({ name }) => name.startsWith(start!) && /^[^\s"\p{Cc}]+$/u.test(name));
    return fitting
      .slice(0, mostListed)
      .map((entry) => `${folder ?? ''}${entry.name}${entry.isDirectory() ? '/' : ''}`);
  } catch {
    return [];
  }
}
