export interface InputLine {
  /** Without its end; of a line that is too long only the beginning. */
  readonly text: string;
  readonly isTooLong: boolean;
}

/** Cuts a stream of text into lines; of one with more than `longest` characters the rest is let go. */
export async function* readLines(input: AsyncIterable<string>, longest: number): AsyncGenerator<InputLine> {
  let pending = '';
  let isTooLong = false;
  const add = (piece: string) => {
    const room = longest - pending.length;
    isTooLong ||= piece.length > room;
    pending += piece.slice(0, room);
  };
  const take = (): InputLine => {
    const line = { text: pending.replace(/\r$/, ''), isTooLong };
    pending = '';
    isTooLong = false;
    return line;
  };
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', start)) {
      add(chunk.slice(start, end));
      yield take();
      start = end + 1;
    }
    add(chunk.slice(start));
  }
  if (pending !== '') yield take();
}
