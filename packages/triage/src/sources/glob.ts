import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** Does it hold characters of a pattern? */
export const isGlob = (text: string): boolean => /[*?[\]]/.test(text);

/** Files that fit a pattern: `*`, `?` and `[a-z]` within a name, `**` for any folders. In the order of their names. */
export async function* expandGlob(pattern: string): AsyncGenerator<string> {
  const parts = pattern.split(sep === '\\' ? /[\\/]/ : '/');
  const plain = parts.findIndex(isGlob);
  if (plain < 0) {
    yield pattern;
    return;
  }
  const root = parts.slice(0, plain).join(sep);
  yield* expand(root === '' ? (pattern.startsWith('/') ? '/' : '.') : root, parts.slice(plain), 0);
}

/** Deeper folders are passed over: a link may lead back. */
const mostDepth = 64;

async function* expand(
  folder: string,
  [part, ...rest]: readonly string[],
  depth: number,
): AsyncGenerator<string> {
  if (part === undefined || depth > mostDepth) return;
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  if (part === '**') {
    yield* expand(folder, rest, depth + 1);
    for (const entry of entries) {
      if (entry.isDirectory()) yield* expand(join(folder, entry.name), [part, ...rest], depth + 1);
    }
    return;
  }
  const fits = globMatcher(part);
  for (const entry of entries) {
    if (!fits(entry.name) || (entry.name.startsWith('.') && !part.startsWith('.'))) continue;
    const path = join(folder, entry.name);
    if (rest.length === 0) {
      if (!entry.isDirectory()) yield path;
    } else if (entry.isDirectory()) yield* expand(path, rest, depth + 1);
  }
}

/** Matches one name; a bracket that is not closed stands for itself. */
export function globMatcher(part: string): (name: string) => boolean {
  const source = part.replaceAll(
    /\[(!?)([^\]/]+)\]|\*|\?|[\\^$.|+(){}[\]]/g,
    (text, not: string | undefined, set: string | undefined) => {
      if (text === '*') return '[^/]*';
      if (text === '?') return '[^/]';
      if (set === undefined) return `\\${text}`;
      return `[${not === '!' ? '^' : ''}${set.replaceAll(/[\\\]^]/g, '\\$&')}]`;
    },
  );
  let pattern: RegExp;
  try {
    pattern = new RegExp(`^${source}$`, sep === '\\' ? 'i' : '');
  } catch {
    return (name) => name === part;
  }
  return (name) => pattern.test(name);
}
