import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SourceError } from './source-item.ts';

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export interface DownloadOptions {
  readonly fetch: Fetch;
  /** Larger ones are refused. */
  readonly mostBytes: number;
}

/** Milliseconds without a byte after which a server is given up. */
const longestSilence = 60_000;
const attempts = 3;

/** Fetches a file into a temporary one for the time of `use`. Errors: SourceError. */
export async function withDownload<Result>(
  url: string,
  options: DownloadOptions,
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'poolscope-'));
  try {
    const path = join(folder, 'dump');
    for (let attempt = 1; ; attempt++) {
      try {
        await download(url, path, options);
        break;
      } catch (error) {
        if (error instanceof SourceError || attempt === attempts) throw asSourceError(url, error);
      }
    }
    return await use(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function download(url: string, path: string, { fetch, mostBytes }: DownloadOptions): Promise<void> {
  const stop = new AbortController();
  const watch = new Silence(stop);
  try {
    const response = await fetch(url, { signal: stop.signal });
    if (response.status >= 500) throw new Error(`the server answers ${response.status}`);
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new SourceError('HTTP_STATUS', `${url}: the server answers ${response.status}`);
    }
    let bytes = 0;
    const count = new Transform({
      transform(piece: Uint8Array, _encoding, done) {
        watch.heard();
        bytes += piece.length;
        if (bytes <= mostBytes) done(null, piece);
        else done(new SourceError('TOO_LARGE', `${url}: it has more than ${mostBytes} bytes`));
      },
    });
    await pipeline(Readable.fromWeb(response.body as never), count, createWriteStream(path));
  } finally {
    watch.end();
  }
}

/** Ends a request whose server says nothing any more. */
class Silence {
  readonly #stop: AbortController;
  #timer: NodeJS.Timeout | undefined;

  constructor(stop: AbortController) {
    this.#stop = stop;
    this.heard();
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#stop.abort(new Error('the server is silent')), longestSilence);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

export function asSourceError(url: string, error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  return new SourceError('NETWORK', `${url}: ${cause?.code ?? cause?.message ?? message}`);
}
