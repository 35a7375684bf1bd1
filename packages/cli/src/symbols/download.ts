import { setTimeout as wait } from 'node:timers/promises';
import { RequestRefusal, request } from './http-request.ts';

/** Where a download goes. */
export interface DownloadTarget {
  readonly size: number;
  append(bytes: Uint8Array): void;
  clear(): void;
}

export interface DownloadOptions {
  /** Milliseconds in which a server has to send something. */
  readonly patience?: number;
  /** Milliseconds to wait before each further try. */
  readonly delays?: readonly number[];
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
  /** Bytes so far, and of all where the server tells. */
  readonly onProgress?: (done: number, total: number | undefined) => void;
}

/** What came of a download. Every reason is a plain sentence part about the server. */
export type DownloadResult =
  | { readonly kind: 'done' }
  /** The server says that it has no such file. */
  | { readonly kind: 'absent' }
  /** The server answers, but not with the file. */
  | { readonly kind: 'refused'; readonly why: string }
  /** The server cannot be reached, or does not do its work. */
  | { readonly kind: 'failed'; readonly why: string };

const defaults = { patience: 15_000, delays: [500, 2000], maxBytes: 2 ** 31 };
/** Bytes that have to come within the time of patience: a trickle is no answer either. */
const leastBytes = 1024;
/** A server that asks for more patience than this does not get it. */
const longestDelay = 10_000;

/** A try that failed in a way that another may not. */
interface Setback {
  readonly kind: 'setback';
  readonly why: string;
  /** Has the server sent anything? One that does not answer at all is not asked again. */
  readonly answered: boolean;
  /** Milliseconds that the server asks to wait. */
  readonly after?: number | undefined;
}

/** Fetches an address. What came before a broken connection is kept, where the server can go on from there. */
export async function download(
  url: string,
  target: DownloadTarget,
  options: DownloadOptions = {},
): Promise<DownloadResult> {
  const run = new Download(url, target, options);
  const delays = options.delays ?? defaults.delays;
  for (let index = 0; ; index++) {
    const result = await run.attempt();
    if (result.kind !== 'setback') return result;
    const delay = delays[index];
    if (delay === undefined || !result.answered) return { kind: 'failed', why: result.why };
    await wait(Math.min(result.after ?? delay, longestDelay), undefined, { signal: options.signal });
  }
}

class Download {
  readonly #url: string;
  readonly #target: DownloadTarget;
  readonly #options: DownloadOptions;
  readonly #maxBytes: number;
  /** What names the version of the file that a part is here of: the server goes on only with the same. */
  #validator: string | undefined;

  constructor(url: string, target: DownloadTarget, options: DownloadOptions) {
    this.#url = url;
    this.#target = target;
    this.#options = options;
    this.#maxBytes = options.maxBytes ?? defaults.maxBytes;
  }

  async attempt(): Promise<DownloadResult | Setback> {
    const watch = new Watch(this.#options.patience ?? defaults.patience, this.#options.signal);
    try {
      const response = await request(this.#url, this.#rangeHeaders(), watch.signal);
      return await this.#take(response, watch);
    } catch (error) {
      if (error instanceof RequestRefusal) return { kind: 'refused', why: error.message };
      this.#options.signal?.throwIfAborted();
      if (watch.isOver) return { kind: 'setback', why: 'it does not answer', answered: watch.bytes > 0 };
      return { kind: 'setback', why: networkReason(error), answered: !isUnreachable(error) };
    } finally {
      watch.stop();
    }
  }

  async #take(response: Response, watch: Watch): Promise<DownloadResult | Setback> {
    const { status, headers } = response;
    if (status !== 200 && !(status === 206 && this.#continues(headers))) {
      await response.body?.cancel();
      return this.#explain(status, headers);
    }
    if (status === 200) this.#target.clear();
    const isPlain = (headers.get('content-encoding') ?? 'identity') === 'identity';
    const length = isPlain ? numberIn(headers.get('content-length')) : undefined;
    const total = length === undefined ? undefined : this.#target.size + length;
    if ((total ?? 0) > this.#maxBytes) {
      await response.body?.cancel();
      return this.#tooLarge();
    }
    this.#validator = isPlain ? validatorOf(headers) : undefined;
    return this.#receive(response, total, watch);
  }

  async #receive(
    response: Response,
    total: number | undefined,
    watch: Watch,
  ): Promise<DownloadResult | Setback> {
    for await (const piece of response.body ?? []) {
      watch.note(piece.length);
      if (this.#target.size + piece.length > this.#maxBytes) return this.#tooLarge();
      this.#target.append(piece);
      this.#options.onProgress?.(this.#target.size, total);
    }
    if (total === undefined || this.#target.size === total) return { kind: 'done' };
    return { kind: 'setback', why: 'the connection broke off', answered: true };
  }

  #rangeHeaders(): Readonly<Record<string, string>> {
    const { size } = this.#target;
    if (size > 0 && this.#validator !== undefined)
      return { range: `bytes=${size}-`, 'if-range': this.#validator, 'accept-encoding': 'identity' };
    if (size > 0) this.#target.clear();
    return {};
  }

  #continues(headers: Headers): boolean {
    return new RegExp(`^bytes ${this.#target.size}-`).test(headers.get('content-range') ?? '');
  }

  #explain(status: number, headers: Headers): DownloadResult | Setback {
    if (status === 404 || status === 410) return { kind: 'absent' };
    if (status === 206 || status === 416) {
      this.#validator = undefined;
      this.#target.clear();
      return { kind: 'setback', why: `it answers ${status}`, answered: true };
    }
    if (status < 500 && status !== 429 && status !== 408)
      return { kind: 'refused', why: `it answers ${status}` };
    const seconds = numberIn(headers.get('retry-after'));
    const after = seconds === undefined ? undefined : seconds * 1000;
    return { kind: 'setback', why: `it answers ${status}`, answered: true, after };
  }

  #tooLarge(): DownloadResult {
    return { kind: 'refused', why: `it sends more than ${this.#maxBytes} bytes` };
  }
}

/** Ends a request that brings nothing for a while, or when the user says so. */
class Watch {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #outer: AbortSignal | undefined;
  readonly #abort = () => this.#controller.abort();
  bytes = 0;
  isOver = false;
  #counted = 0;

  constructor(patience: number, outer: AbortSignal | undefined) {
    this.#outer = outer;
    if (outer?.aborted === true) this.#abort();
    outer?.addEventListener('abort', this.#abort);
    this.#timer = setInterval(() => this.#look(), patience);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  note(bytes: number): void {
    this.bytes += bytes;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#outer?.removeEventListener('abort', this.#abort);
    this.#controller.abort();
  }

  #look(): void {
    this.isOver ||= this.bytes - this.#counted < leastBytes;
    this.#counted = this.bytes;
    if (this.isOver) this.#controller.abort();
  }
}

/** Strong ones only: a weak ETag names files that need not be the same byte by byte. */
function validatorOf(headers: Headers): string | undefined {
  const tag = headers.get('etag');
  if (tag !== null && !tag.startsWith('W/')) return tag;
  return headers.get('last-modified') ?? undefined;
}

function numberIn(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up',
  ECONNREFUSED: 'it refuses connections',
  ECONNRESET: 'the connection broke off',
  EHOSTUNREACH: 'it cannot be reached',
  ENETUNREACH: 'there is no network',
  ETIMEDOUT: 'it does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  UND_ERR_SOCKET: 'the connection broke off',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted',
  CERT_HAS_EXPIRED: 'its certificate has expired',
};

const unreachable = new Set([
  'ENOTFOUND',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EAI_AGAIN',
]);
const isUnreachable = (error: unknown): boolean => unreachable.has(codeOf(error));

function codeOf(error: unknown): string {
  const { cause, code } = error as { cause?: { code?: string }; code?: string };
  return cause?.code ?? code ?? '';
}

/** What is wrong with the network, in plain words; an error that has nothing to do with it is thrown on. */
function networkReason(error: unknown): string {
  const code = codeOf(error);
  const known = reasons[code];
  if (known !== undefined) return known;
  if (error instanceof TypeError && error.cause instanceof Error)
    return `the connection fails (${code === '' ? error.cause.message : code})`;
  if (error instanceof TypeError && /terminated|fetch failed/.test(error.message))
    return 'the connection broke off';
  throw error;
}
