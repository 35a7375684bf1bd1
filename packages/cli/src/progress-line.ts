/** One line of progress on a terminal; nothing where stderr is a file or a pipe. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  #shown = '';

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** `total` 0: how much there is to do is not known. */
  show(what: string, done: number, total: number): void {
    if (!this.#stream.isTTY) return;
    const amount =
      total > 0 ? `${Math.min(100, Math.floor((done / total) * 100))}%` : `${Math.floor(done / 1e6)} MB`;
    const text = `${what}  ${amount}`;
    if (text === this.#shown) return;
    this.#shown = text;
    this.#stream.write(`\r\x1b[K${text}`);
  }

  clear(): void {
    if (this.#shown === '') return;
    this.#shown = '';
    this.#stream.write('\r\x1b[K');
  }
}
