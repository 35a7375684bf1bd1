#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);

if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write('poolscope is not built yet: run "npm start" once in the folder it was cloned to.\n');
  process.exitCode = 2;
}
