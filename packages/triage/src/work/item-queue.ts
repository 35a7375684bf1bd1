import type { SourceItem } from '../sources/source-item.ts';
import type { RunCounts } from './run-counts.ts';

interface QueueOptions {
  /** Most items that wait here. */
  readonly ahead: number;
  readonly isStopped: () => boolean;
}

/** Hands out items in small batches, and finds out meanwhile how many there are. */
export class ItemQueue {
  readonly #options: QueueOptions;
  readonly #waiting: SourceItem[] = [];
  readonly #wake = new Set<() => void>();
  #isComplete = false;
  #failure: Error | undefined;

  constructor(items: AsyncIterable<SourceItem>, counts: RunCounts, options: QueueOptions) {
    this.#options = options;
    this.#fill(items, counts).catch((error) => {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.close();
    });
  }

  close(): void {
    this.#isComplete = true;
    this.#change();
  }

  /** A few items, as many as are there; none at the end. Errors: those of the items. */
  async take(): Promise<SourceItem[]> {
    while (this.#waiting.length === 0 && !this.#isComplete) await this.#changed();
    if (this.#failure !== undefined) throw this.#failure;
    const items = this.#options.isStopped() ? [] : this.#waiting.splice(0, batchSize);
    this.#change();
    return items;
  }

  async #fill(items: AsyncIterable<SourceItem>, counts: RunCounts): Promise<void> {
    for await (const item of items) {
      if (this.#isComplete || this.#options.isStopped()) break;
      this.#waiting.push(item);
      counts.filesFound++;
      this.#change();
      while (this.#waiting.length >= this.#options.ahead && !this.#isComplete) await this.#changed();
    }
    counts.isAllFound = true;
    this.close();
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake.add(resolve);
    });
  }

  #change(): void {
    const wake = [...this.#wake];
    this.#wake.clear();
    for (const each of wake) each();
  }
}

const batchSize = 8;
