import { closeSync, mkdtempSync, openSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoDump } from '@poolscope/lab';
import { runAnalyze } from './analyze.ts';
import { programName } from './program-name.ts';

/** Writes the lab's made-up crash to a temporary folder and analyzes it. */
export async function runDemo(): Promise<void> {
  const path = join(mkdtempSync(join(tmpdir(), 'poolscope-demo-')), 'MEMORY.DMP');
  writeDemo(path);
  process.stdout.write(
    `A made-up Windows machine has crashed; its dump is ${path}\n\n$ ${programName} analyze ${path}\n\n`,
  );
  await runAnalyze([path], { symbols: [], color: true });
  process.stdout.write(`\nYour own dump:  ${programName} analyze FILE\n`);
}

function writeDemo(path: string): void {
  const file = openSync(path, 'wx');
  try {
    for (const { offset, bytes } of demoDump()) writeSync(file, bytes, 0, bytes.length, offset);
  } finally {
    closeSync(file);
  }
}
