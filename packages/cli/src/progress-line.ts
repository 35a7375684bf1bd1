/** One line of progress on a terminal; nothing where stderr is a file or a pipe. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  #shown = '';

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(what: string, done: number, total: number): void {
    if (!this.#stream.isTTY) return;
    const percent = total > 0 ? Math.min(100, Math.floor((done / total) * 100)) : 0;
    const text = `${what}  ${percent}%`;
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
