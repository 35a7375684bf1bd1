import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Inputs that once failed, one file each in corpus/TARGET/; they are run again before everything else. */
const corpus = fileURLToPath(new URL('corpus', import.meta.url));

/**
 * Files of a target, in a stable order.
 * @param {string} name
 * @returns {{ path: string, bytes: Uint8Array }[]}
 */
export function readCorpus(name) {
  const folder = join(corpus, name);
  if (!existsSync(folder)) return [];
  const paths = readdirSync(folder)
    .sort()
    .map((file) => join(folder, file));
  return paths.map((path) => ({ path, bytes: new Uint8Array(readFileSync(path)) }));
}

/**
 * Writes a find to its file; gives the path.
 * @param {string} name
 * @param {Uint8Array} bytes
 */
export function keepFind(name, bytes) {
  const folder = join(corpus, name);
  const path = join(folder, `${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.bin`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, bytes);
  return path;
}
