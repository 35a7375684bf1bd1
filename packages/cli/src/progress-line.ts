/** One line of progress on a terminal; nothing where stderr is a file or a pipe. */
export class ProgressLine {
  readonly #stream: { readonly isTTY?: boolean; write(text: string): unknown };
  #shown = '';

  constructor(stream: { readonly isTTY?: boolean; write(text: string): unknown }) {
    this.#stream = stream;
  }

  show(what: string, amount: string): void {
    if (this.#stream.isTTY !== true) return;
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

export const percent = (done: number, total: number): string =>
  `${Math.min(100, Math.floor((done / total) * 100))}%`;
