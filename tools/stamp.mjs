import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What the two steps of a set-up depend on, as hashes that are kept beside their results. */

const dependencyFields = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'overrides',
  'workspaces',
];

/**
 * Folders of the workspace packages.
 * @param {string} root
 */
export const packageFolders = (root) =>
  ['packages', 'apps']
    .map((name) => join(root, name))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((folder) => existsSync(join(folder, 'package.json')));

/**
 * What an installation depends on: the lock file, and what the packages ask for.
 * @param {string} root
 */
export function installKey(root) {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  for (const folder of [root, ...packageFolders(root)]) {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    hash.update(JSON.stringify(dependencyFields.map((field) => manifest[field])));
  }
  return hash.digest('hex');
}

/**
 * Does npm's own record of what is installed name all that the lock file names? True after a plain `npm ci`,
 * false in an installation that was interrupted: npm writes the record last.
 * @param {string} root
 */
export function isInstalled(root) {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      !path.startsWith('node_modules/') || optional === true || installed[path]?.version === version,
  );
}

/**
 * What a build depends on: sources, their settings and the installed compiler.
 * @param {string} root
 */
export function buildKey(root) {
  const hash = createHash('sha256').update(installKey(root));
  const settings = ['tsconfig.json', 'tsconfig.base.json'].map((name) => join(root, name));
  for (const path of [...settings, ...packageFolders(root).flatMap(sourcesOf)]) {
    hash
      .update(`${path.slice(root.length)}\0`)
      .update(readFileSync(path))
      .update('\0');
  }
  return hash.digest('hex');
}

/** @param {string} folder */
const sourcesOf = (folder) => [
  join(folder, 'package.json'),
  join(folder, 'tsconfig.json'),
  ...['index.html', 'vite.config.mjs', 'vite/iced-module.mjs']
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path)),
  ...filesBelow(join(folder, 'src')).filter((path) => !path.endsWith('.test.ts')),
];

/**
 * Files below a folder, in a stable order.
 * @param {string} folder
 * @returns {string[]}
 */
export const filesBelow = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    });

/**
 * Has every package been built?
 * @param {string} root
 */
export const isBuilt = (root) =>
  packageFolders(root).every((folder) => existsSync(join(folder, 'dist', '.tsbuildinfo'))) &&
  packageFolders(root).every(
    (folder) =>
      !existsSync(join(folder, 'vite.config.mjs')) || existsSync(join(folder, 'dist', 'site', 'index.html')),
  );

/** @param {string} path */
export const readStamp = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/**
 * @param {string} path
 * @param {string} key
 */
export function writeStamp(path, key) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, key);
}
