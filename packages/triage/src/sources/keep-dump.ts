import { constants, existsSync } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { FoundDump } from '../work/protocol.ts';

/** Keeps the file that a dump was found in under the dump's hash; returns where. */
export async function keepDump(folder: string, path: string, { sha256 }: FoundDump): Promise<string> {
  await mkdir(folder, { recursive: true });
  const extension = /^\.[a-z0-9]{1,5}$/i.test(extname(path)) ? extname(path).toLowerCase() : '.dmp';
  const kept = join(folder, `${sha256}${extension}`);
  if (existsSync(kept)) return kept;
  const part = `${kept}.${process.pid}.part`;
  try {
    await copyFile(path, part, constants.COPYFILE_FICLONE);
    await rename(part, kept);
  } finally {
    await rm(part, { force: true });
  }
  return kept;
}
