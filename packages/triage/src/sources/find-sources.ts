import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { expandGlob, isGlob } from './glob.ts';
import { httpSource, isHttp } from './http.ts';
import { isFolder, type LocalOptions, localFile, walkFolder } from './local-files.ts';
import { mostRemoteBytes } from './open-source.ts';
import { isS3, S3Source } from './s3.ts';
import { SourceError, type SourceItem } from './source-item.ts';

/** How sources are looked for. */
export interface FindOptions extends LocalOptions {
  /** Where `-` reads names from, one a line. */
  readonly input: Readable;
  readonly onProblem: (name: string, error: SourceError) => void;
}

/** All files that the arguments name: files, folders, patterns, `-`. */
export async function* findSources(
  paths: readonly string[],
  options: FindOptions,
): AsyncGenerator<SourceItem> {
  for (const path of paths) {
    if (path === '-') yield* listed(options);
    else yield* sourcesOf(path, options);
  }
}

async function* listed(options: FindOptions): AsyncGenerator<SourceItem> {
  for await (const line of createInterface({ input: options.input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== '') yield* sourcesOf(line, options);
  }
}

async function* sourcesOf(path: string, options: FindOptions): AsyncGenerator<SourceItem> {
  try {
    if (isHttp(path)) yield await httpSource(path, mostRemoteBytes);
    else if (isS3(path)) yield* new S3Source(process.env, mostRemoteBytes).list(path);
    else if (await isFolder(path)) yield* walkFolder(path, options);
    else if (isGlob(path) && !(await exists(path))) yield* matching(path, options);
    else yield await localFile(path);
  } catch (error) {
    options.onProblem(path, asSourceError(error, path));
  }
}

async function* matching(pattern: string, options: FindOptions): AsyncGenerator<SourceItem> {
  let count = 0;
  for await (const path of expandGlob(pattern)) {
    count++;
    yield await localFile(path);
  }
  if (count === 0) options.onProblem(pattern, new SourceError('FILE_UNREADABLE', `no file fits ${pattern}`));
}

const exists = (path: string): Promise<boolean> =>
  localFile(path).then(
    () => true,
    () => false,
  );

const asSourceError = (error: unknown, path: string): SourceError =>
  error instanceof SourceError
    ? error
    : new SourceError(
        'FILE_UNREADABLE',
        `${path}: ${error instanceof Error ? error.message : String(error)}`,
      );
