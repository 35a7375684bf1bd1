import { listBuckets } from '../store/buckets.ts';
import type { Database } from '../store/schema.ts';

export interface WebhookOptions {
  readonly url: string;
  /** Milliseconds between two looks. */
  readonly pause?: number;
  readonly onProblem?: (message: string) => void;
}

const mostAttempts = 10;
const longestWait = 10_000;

/** Tells of new buckets, each until it was taken: what is to be told stands in the store. */
export class Webhook {
  readonly #db: Database;
  readonly #options: WebhookOptions;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #running: Promise<void> = Promise.resolve();

  constructor(db: Database, options: WebhookOptions) {
    this.#db = db;
    this.#options = options;
  }

  /** Buckets from before the first webhook are no news. */
  async start(): Promise<void> {
    const sent = await this.#db
      .selectFrom('notices')
      .select('bucket')
      .where('sent_at', 'is not', null)
      .limit(1)
      .executeTakeFirst();
    if (sent === undefined) {
      await this.#db.updateTable('notices').set({ sent_at: 'before' }).where('sent_at', 'is', null).execute();
    }
    this.#plan();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #plan(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#tell()
        .catch((error: Error) => this.#options.onProblem?.(error.message))
        .then(() => this.#plan());
    }, this.#options.pause ?? 2000);
  }

  async #tell(): Promise<void> {
    const notices = await this.#db
      .selectFrom('notices')
      .select(['bucket', 'attempts'])
      .where('sent_at', 'is', null)
      .where('attempts', '<', mostAttempts)
      .orderBy('created_at')
      .limit(20)
      .execute();
    for (const { bucket, attempts } of notices) {
      if (this.#isClosed) return;
      const isTaken = await this.#post(bucket);
      const set = isTaken ? { sent_at: new Date().toISOString() } : { attempts: attempts + 1 };
      await this.#db.updateTable('notices').set(set).where('bucket', '=', bucket).execute();
    }
  }

  async #post(id: string): Promise<boolean> {
    const { buckets } = await listBuckets(this.#db, { ids: [id] });
    try {
      const response = await fetch(this.#options.url, {
        method: 'POST',
        // Only the address that was given is told, not one that it names.
        redirect: 'manual',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ event: 'new-bucket', bucket: buckets[0] ?? { id } }),
        signal: AbortSignal.timeout(longestWait),
      });
      await response.body?.cancel();
      if (!response.ok) this.#options.onProblem?.(`the webhook answers ${response.status}`);
      return response.ok;
    } catch (error) {
      this.#options.onProblem?.(`the webhook does not answer: ${(error as Error).message}`);
      return false;
    }
  }
}
