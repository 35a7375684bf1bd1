import { constants, type Dirent } from 'node:fs';
import { type FileHandle, lstat, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { SourceError, type SourceItem } from './source-item.ts';

export interface LocalOptions {
  /** Take the folder of a dump, below the folder that was named, as its machine. */
  readonly machineFromFolder?: boolean;
  /** Told of what cannot be looked into; the others go on. */
  readonly onProblem?: (name: string, error: SourceError) => void;
}

/** One file that was named. Errors: SourceError. */
export async function localFile(path: string, root?: string): Promise<SourceItem> {
  const name = resolve(path);
  const info = await stat(name).catch((error: NodeJS.ErrnoException) => {
    throw new SourceError(
      'FILE_UNREADABLE',
      `${path}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`,
    );
  });
  const { size, mtimeMs, ino } = info;
  const machine = root === undefined ? '' : relative(root, dirname(name));
  return {
    name,
    fingerprint: `${size}:${Math.round(mtimeMs)}:${ino}`,
    ...(machine === '' ? {} : { machine: { name: machine, by: 'folder' } }),
    withFile: (use) => use(name),
  };
}

/**
 * Dumps and archives below a folder, known by their names or their first bytes. Links to folders are not followed: they may
 * go round in circles.
 */
export async function* walkFolder(folder: string, options: LocalOptions = {}): AsyncGenerator<SourceItem> {
  const root = resolve(folder);
  const waiting = [root];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const entries = await entriesOf(next, options);
    entries.sort((one, other) => (one.name < other.name ? -1 : 1));
    const folders: string[] = [];
    for (const entry of entries) {
      const path = join(next, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (
        (entry.isFile() || (entry.isSymbolicLink() && (await isFile(path)))) &&
        (await mayHoldDumps(path))
      ) {
        const item = localFile(path, options.machineFromFolder === true ? root : undefined);
        // Whoever moves files out of a folder that is watched does no harm.
        const found = await item.catch(() => undefined);
        if (found !== undefined) yield found;
      }
    }
    waiting.push(...folders.reverse());
  }
}

async function entriesOf(folder: string, { onProblem }: LocalOptions): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = reasons[code ?? ''] ?? message;
    onProblem?.(folder, new SourceError('FILE_UNREADABLE', `${folder} cannot be looked into: ${why}`));
    return [];
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'it is gone',
};

export const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() === true;

const isFile = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isFile() === true;

/** Is it more than a note that lies beside dumps? */
async function mayHoldDumps(path: string): Promise<boolean> {
  if (/\.dmp$/i.test(basename(path))) return true;
  const head = await readHead(path);
  const isDump = Buffer.from(head.subarray(0, 6)).toString('latin1') === 'PAGEDU';
  if (isDump) return true;
  // The engine is large, and most names tell.
  const { detectArchive } = await import('@poolscope/engine');
  return detectArchive(head) !== undefined;
}

const headSize = 16;

/** Empty where the file cannot be read. */
async function readHead(path: string): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    // A pipe without a writer would hold up a blocking open.
    if (!(await lstat(path)).isFile() && !(await isFile(path))) return new Uint8Array(0);
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const head = new Uint8Array(headSize);
    const { bytesRead } = await file.read(head, 0, headSize, 0);
    return head.subarray(0, bytesRead);
  } catch {
    return new Uint8Array(0);
  } finally {
    await file?.close();
  }
}
