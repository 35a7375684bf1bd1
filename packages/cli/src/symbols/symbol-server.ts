import { unpackCabinet } from '@poolscope/engine';
import { systemReason } from '../io/system-reason.ts';
import type { CacheFolder } from './cache-folder.ts';
import { checkFile, isWebPage } from './check-file.ts';
import { type DownloadOptions, type DownloadResult, type DownloadTarget, download } from './download.ts';
import { longestPointer, parseFilePointer } from './file-pointer.ts';
import type { PartFile } from './part-file.ts';
import type { Reporter } from './reporter.ts';
import type { Outcome } from './search-log.ts';
import { packedName, type StoreKey } from './store-key.ts';
import { reasonOf } from './symbol-bytes.ts';
import { withoutPassword } from './symbol-path.ts';
import type { Wanted } from './wanted.ts';

export interface ServerOptions extends Omit<DownloadOptions, 'onProgress'> {
  /** Ask also for what the server did not have a short time ago. */
  readonly askAgain?: boolean;
}

/** What one address gave: the path of the file in the cache, or why there is none. */
type Answer =
  | { readonly path: string }
  | { readonly outcome: Exclude<Outcome, 'found'>; readonly why?: string; readonly isUseless?: boolean };

/** A symbol server. One that does not do its work is not asked again by this program. */
export class SymbolServer {
  readonly #url: URL;
  readonly #reporter: Reporter;
  readonly #options: ServerOptions;
  #useless: string | undefined;

  constructor(url: string, reporter: Reporter, options: ServerOptions = {}) {
    this.#url = new URL(url);
    this.#reporter = reporter;
    this.#options = options;
  }

  /** Where the server has a file, or would have it; for people. */
  addressOf({ name, key }: StoreKey): string {
    return withoutPassword(this.#address(name, key, name));
  }

  /** Fetches a file into a cache: as it is, packed, or finds out where it is instead. The path that it has then. */
  async fetch(wanted: Wanted, key: StoreKey, cache: CacheFolder): Promise<string | undefined> {
    const answer = await this.#ask(wanted, key, cache);
    const { request, kind, log } = wanted;
    const where = this.addressOf(key);
    if ('path' in answer) {
      log.add(request, { kind, where, outcome: 'found' });
      return answer.path;
    }
    const { outcome, why } = answer;
    log.add(request, { kind, where, outcome, ...(why === undefined ? {} : { why }) });
    if (answer.isUseless === true && this.#useless === undefined) this.#giveUp(why ?? 'it does not work');
    return undefined;
  }

  #giveUp(why: string): void {
    this.#useless = why;
    this.#reporter.problem(`${withoutPassword(this.#url.href)} is not asked any more: ${why}`);
  }

  async #ask(wanted: Wanted, key: StoreKey, cache: CacheFolder): Promise<Answer> {
    if (this.#useless !== undefined)
      return { outcome: 'failed', why: `the server is not asked any more: ${this.#useless}` };
    const folder = this.#address(key.name, key.key);
    if (this.#options.askAgain !== true && cache.isMissing(folder))
      return { outcome: 'absent', why: 'the server did not have it when it was asked before' };
    try {
      const answer = await this.#askForAll(wanted, key, cache);
      if (!('path' in answer) && answer.outcome === 'absent' && answer.why === undefined)
        cache.noteMissing(folder);
      else if ('path' in answer) cache.forgetMissing(folder);
      return answer;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
      const why = `the cache ${cache.path} cannot be written: ${systemReason(error)}`;
      return { outcome: 'failed', why, isUseless: true };
    }
  }

  async #askForAll(wanted: Wanted, key: StoreKey, cache: CacheFolder): Promise<Answer> {
    for (const file of [key.name, packedName(key.name)]) {
      const answer = await this.#askForFile(wanted, key, file, cache);
      if ('path' in answer || answer.outcome !== 'absent') return answer;
    }
    return this.#askForPointer(key);
  }

  async #askForFile(wanted: Wanted, key: StoreKey, file: string, cache: CacheFolder): Promise<Answer> {
    const part = cache.makePart();
    try {
      const result = await this.#download(this.#address(key.name, key.key, file), part, file);
      if (result.kind !== 'done') return failure(result);
      if (file !== key.name) await unpackInto(part);
      const why = checkFile(part, key.name, wanted.request, wanted.kind);
      if (why !== undefined) return { outcome: 'refused', why, isUseless: isWebPage(part) };
      const path = cache.accept(part, key);
      this.#reporter.fetched(key.name, part.size, withoutPassword(this.#url.href));
      return { path };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall !== undefined) throw error;
      return { outcome: 'refused', why: reasonOf(error) };
    } finally {
      part.discard();
    }
  }

  /** A server has no say in which files of this machine or network are opened: a pointer to one is only reported. */
  async #askForPointer({ name, key }: StoreKey): Promise<Answer> {
    const target = new SmallTarget();
    const result = await this.#download(this.#address(name, key, 'file.ptr'), target, name, longestPointer);
    if (result.kind === 'refused') return { outcome: 'absent' };
    if (result.kind !== 'done') return failure(result);
    const pointer = parseFilePointer(target.text);
    if (pointer === undefined) return { outcome: 'absent' };
    const says =
      pointer.kind === 'message' ? pointer.text : `it is at ${pointer.path}, which is not followed`;
    return { outcome: 'refused', why: `the server says: ${says}` };
  }

  async #download(
    url: string,
    target: DownloadTarget,
    what: string,
    maxBytes?: number,
  ): Promise<DownloadResult> {
    return download(url, target, {
      ...this.#options,
      ...(maxBytes === undefined ? {} : { maxBytes }),
      onProgress: (done, total) => this.#reporter.progress(what, done, total),
    });
  }

  #address(...parts: readonly string[]): string {
    const url = new URL(this.#url);
    url.pathname = [url.pathname.replace(/\/+$/, ''), ...parts.map(encodeURIComponent)].join('/');
    return url.href;
  }
}

function failure(result: Exclude<DownloadResult, { kind: 'done' }>): Answer {
  if (result.kind === 'absent') return { outcome: 'absent' };
  return { outcome: result.kind, why: result.why, isUseless: result.kind === 'failed' };
}

/** Puts what is in a cabinet in its place. Throws a DebuggerError. */
async function unpackInto(part: PartFile): Promise<void> {
  const { source } = await unpackCabinet(part);
  part.clear();
  const piece = new Uint8Array(1 << 20);
  for (let at = 0; at < source.size; at += piece.length)
    part.append(piece.subarray(0, source.readInto(at, piece)));
}

class SmallTarget implements DownloadTarget {
  #bytes: Uint8Array[] = [];
  size = 0;

  append(bytes: Uint8Array): void {
    this.#bytes.push(bytes);
    this.size += bytes.length;
  }

  clear(): void {
    this.#bytes = [];
    this.size = 0;
  }

  get text(): string {
    return Buffer.concat(this.#bytes).toString('utf8');
  }
}
