import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../run.mjs';

/** The libraries, in the order in which a reader meets them. The command has no types. */
export const libraries = ['engine', 'lab', 'report', 'mcp', 'triage'];

/** @typedef {{ library: string, name: string, types: string }} Door what is imported, and the file with its declarations */

/** Every entry of every library that its package.json names. @returns {Door[]} */
export const doors = libraries.flatMap((library) => {
  const folder = join(root, 'packages', library);
  const { name, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.entries(exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([entry, target]) => ({ library, name: join(name, entry), types: join(folder, target.types) }));
});
