import { dirname, join } from 'node:path';
import { type Machine, symbolStore, writeDump } from '@poolscope/lab';
import { makeFolder } from '../io/make-folder.ts';
import { writePieces } from '../io/write-pieces.ts';
import { writeWhole } from '../io/write-whole.ts';
import { ProgressLine } from '../progress-line.ts';
import { dumpOptions, type RunKind } from './truth-json.ts';

/** Writes the dump of a machine; its size. */
export function writeMachine(machine: Machine, path: string, kind: RunKind): number {
  const progress = new ProgressLine(process.stderr);
  try {
    return writePieces(path, writeDump(machine, dumpOptions(machine, kind)), (bytes) =>
      progress.show(`writing ${path}`, `${(bytes / 1e6).toFixed(1)} MB`),
    );
  } finally {
    progress.clear();
  }
}

/** Program databases and images as a symbol store has them. */
export function writeStore(machine: Machine, folder: string): void {
  for (const { path, bytes } of symbolStore(machine)) {
    const file = join(folder, ...path.split('/'));
    makeFolder(dirname(file));
    writeWhole(file, bytes);
  }
}
