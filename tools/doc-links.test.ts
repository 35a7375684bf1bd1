import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { root } from './run.mjs';
import { filesBelow, packageFolders } from './stamp.mjs';

/** Pages that people read from one to the other. */
const pages = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].map((name) => join(root, name)),
  ...packageFolders(root)
    .map((folder) => join(folder, 'README.md'))
    .filter((path) => existsSync(path)),
  ...['docs', 'examples', 'test'].flatMap((name) =>
    filesBelow(join(root, name)).filter((path) => path.endsWith('.md')),
  ),
];

/** Links of a page to files that are not there, and to headings that the page there has not. */
function brokenLinks(page: string): string[] {
  const text = readFileSync(page, 'utf8').replaceAll(/```[\s\S]*?```/g, '');
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = '', heading] = link.split('#');
    const target = path === '' ? page : join(dirname(page), decodeURIComponent(path));
    if (!existsSync(target)) return true;
    return heading !== undefined && target.endsWith('.md') && !headingsOf(target).includes(heading);
  });
}

/** Headings as links name them. */
const headingsOf = (page: string): string[] =>
  [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

it.each(pages.map((page) => [relative(root, page), page] as const))(
  '%s leads to what there is',
  (_name, page) => {
    expect(brokenLinks(page)).toStrictEqual([]);
  },
);
