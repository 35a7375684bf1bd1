import type { OpenDump } from './open-dump.ts';
import { ToolError } from './tool-error.ts';

export interface ListedDump {
  readonly id: string;
  readonly path: string;
  readonly dump: OpenDump;
}

/** The dumps that are open, a bounded number of them. */
export class DumpTable {
  readonly #most: number;
  readonly #dumps = new Map<string, ListedDump>();
  /** Dumps that are being opened have places too. */
  #opening = 0;
  #last = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get list(): readonly ListedDump[] {
    this.#forgetGone();
    return [...this.#dumps.values()];
  }

  /** Throws TOO_MANY_DUMPS before anything is opened. */
  async add(path: string, open: () => Promise<OpenDump>): Promise<ListedDump> {
    this.#forgetGone();
    if (this.#dumps.size + this.#opening >= this.#most)
      throw new ToolError('TOO_MANY_DUMPS', `${this.#most} dumps are open, which is the limit`);
    this.#opening++;
    try {
      const listed = { id: `d${++this.#last}`, path, dump: await open() };
      this.#dumps.set(listed.id, listed);
      return listed;
    } finally {
      this.#opening--;
    }
  }

  /** The dump of an id; without one the only one that is open. Throws NO_SUCH_DUMP. */
  find(id?: string): ListedDump {
    const { list } = this;
    const found = id === undefined && list.length === 1 ? list[0] : list.find((each) => each.id === id);
    if (found !== undefined) return found;
    if (id !== undefined) throw new ToolError('NO_SUCH_DUMP', `no dump ${id.slice(0, 40)} is open`);
    const why = list.length === 0 ? 'no dump is open' : `${list.length} dumps are open: name one by its id`;
    throw new ToolError('NO_SUCH_DUMP', why);
  }

  close(id: string): void {
    this.find(id).dump.close();
    this.#dumps.delete(id);
  }

  closeAll(): void {
    for (const { dump } of this.#dumps.values()) dump.close();
    this.#dumps.clear();
  }

  #forgetGone(): void {
    for (const [id, { dump }] of this.#dumps) if (dump.isGone) this.#dumps.delete(id);
  }
}
