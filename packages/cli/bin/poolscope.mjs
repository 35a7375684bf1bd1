#!/usr/bin/env node
import { statSync } from 'node:fs';

/**
 * Milliseconds since 1970 when a file was written; 0 where there is none.
 * @param {string} path from here
 */
const time = (path) => statSync(new URL(path, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0;

const compiled = '../dist/main.js';
/** The same in few files, which node loads several times faster; one that is older than what it was made of does not count. */
const bundled = '../dist/bundle/main.js';
const packages = ['../dist', '../../engine/dist', '../../lab/dist', '../../triage/dist', '../../mcp/dist'];
const built = Math.max(1, ...packages.map((folder) => time(`${folder}/.tsbuildinfo`)));

const [hasBundle, hasCompiled] = [time(bundled) >= built, time(compiled) > 0];

if (hasBundle || hasCompiled) {
  await import(hasBundle ? bundled : compiled);
} else {
  process.stderr.write('poolscope is not built yet: run "npm start" once in the folder it was cloned to.\n');
  process.exitCode = 2;
}
