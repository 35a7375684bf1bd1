import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { commands } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { root } from '../../tools/run.mjs';
import { filesBelow } from '../../tools/stamp.mjs';

const known = new Set(commands.flatMap(({ names }) => names));

/** Commands in code spans of a page: `!pool ADDR`, `.help !locks`. */
function namedCommands(page: string): string[] {
  const text = readFileSync(page, 'utf8').replaceAll(/```[\s\S]*?```/g, '');
  const spans = [...text.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span!);
  return [
    ...new Set(spans.flatMap((span) => [...span.matchAll(/(?<=^|[\s;])![a-z_]+\b/g)].map(([name]) => name))),
  ];
}

const pages = filesBelow(join(root, 'docs', 'guide')).filter(
  (path) => path.endsWith('.md') && !path.endsWith('commands.md'),
);

describe('commands that the guide names', () => {
  it.each(pages.map((page) => [relative(root, page), page] as const))('%s', (_name, page) => {
    expect(namedCommands(page).filter((name) => !known.has(name))).toStrictEqual([]);
  });
});
