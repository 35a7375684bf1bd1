import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoMachine } from '@poolscope/lab';
import { runAnalyze } from './analyze.ts';
import { writeMachine, writeStore } from './lab/write-machine.ts';
import { programName } from './program-name.ts';

/** Writes the lab's made-up crash, and its symbols, to a temporary folder and analyzes it. */
export async function runDemo(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'poolscope-demo-'));
  const path = join(folder, 'MEMORY.DMP');
  const symbols = join(folder, 'symbols');
  const machine = demoMachine();
  writeMachine(machine, path, 'bitmap-kernel');
  writeStore(machine, symbols);
  process.stdout.write(
    `A made-up Windows machine has crashed; its dump is ${path}\n\n` +
      `$ ${programName} analyze ${path} --symbols ${symbols}\n\n`,
  );
  await runAnalyze([path], { symbols: [symbols], color: true });
  process.stdout.write(
    `\nMore of them:   ${programName} lab list\nYour own dump:  ${programName} analyze FILE\n`,
  );
}
