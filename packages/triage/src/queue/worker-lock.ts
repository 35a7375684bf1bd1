import { randomInt } from 'node:crypto';
import type { Client } from 'pg';

/** Class of our advisory locks: "pool". */
export const lockClass = 0x706f_6f6c;

/** A lock of PostgreSQL that lives as long as this process and its connection: others see by it that a worker is gone. */
export class WorkerLock {
  readonly id = randomInt(1, 2 ** 31 - 1);
  readonly #url: string;
  #client: Client | undefined;
  #isClosed = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  async take(): Promise<void> {
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: this.#url, keepAlive: true });
    client.on('error', () => undefined);
    client.on('end', () => this.#takeAgain());
    await client.connect();
    this.#client = client;
    await client.query('select pg_advisory_lock($1, $2)', [lockClass, this.id]);
  }

  async release(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    await this.#client?.end().catch(() => undefined);
  }

  /** Meanwhile others may do its jobs too: a result is recorded once all the same. */
  #takeAgain(): void {
    if (this.#isClosed) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.take().catch(() => this.#takeAgain()), 500);
  }
}
