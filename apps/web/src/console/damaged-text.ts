/** Bytes [start, end). */
export interface AddressRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** Characters [from, end) of a line. */
export interface TextRange {
  readonly from: number;
  readonly end: number;
}

const rowStart = /^([0-9a-f]{8}`[0-9a-f]{8}|[0-9a-f]{8}) {1,2}/;
const word =
  /([0-9a-f?]{8}`[0-9a-f?]{8}|[0-9a-f?]{16}|[0-9a-f?]{8}|[0-9a-f?]{4}|[0-9a-f?]{2})(?![0-9a-f?`])/y;
const bytesInRow = 16;

/**
 * Where the digits and letters of bytes in a range stand in a row of a display of memory (`db`, `dw`, `dd`, `dq`, `dp`): an
 * address, then words of one width with single separators, then the characters of bytes.
 */
export function hitRanges(line: string, range: AddressRange): TextRange[] {
  const start = rowStart.exec(line);
  if (start === null) return [];
  const address = addressOf(start[1]!);
  if (address >= range.end || address + 64n <= range.start) return [];
  const words = wordsOf(line, start[0].length);
  const width = words[0]?.bytes ?? 0;
  const ranges = words
    .map(({ from, end }, index) => ({ from, end, at: address + BigInt(index * width) }))
    .filter(({ at }) => at < range.end && at + BigInt(width) > range.start)
    .map(({ from, end }) => ({ from, end }));
  return width === 1 ? joined([...ranges, ...letters(line, words, address, range)]) : joined(ranges);
}

const addressOf = (text: string): bigint => {
  const value = BigInt(`0x${text.replace('`', '')}`);
  return text.length > 8 ? value : BigInt.asUintN(64, BigInt.asIntN(32, value));
};

interface Word extends TextRange {
  readonly bytes: number;
}

function wordsOf(line: string, from: number): Word[] {
  const words: Word[] = [];
  for (let at = from; at < line.length; ) {
    word.lastIndex = at;
    const [found] = word.exec(line) ?? [];
    const bytes = (found?.replace('`', '').length ?? 0) / 2;
    if (found === undefined || (words.length > 0 && bytes !== words[0]!.bytes)) break;
    words.push({ from: at, end: at + found.length, bytes });
    if (words.length * bytes >= bytesInRow) break;
    at += found.length;
    if (!/[ -]/.test(line[at] ?? '')) break;
    at++;
  }
  return words;
}

/** The characters that follow the digits of bytes after two blanks. */
function letters(
  line: string,
  words: readonly Word[],
  address: bigint,
  { start, end }: AddressRange,
): TextRange[] {
  const last = words.at(-1)?.end ?? line.length;
  const first = /^ +/.exec(line.slice(last))?.[0].length ?? 0;
  if (first < 2) return [];
  return words
    .map((_, index) => index)
    .filter((index) => address + BigInt(index) >= start && address + BigInt(index) < end)
    .map((index) => ({ from: last + first + index, end: last + first + index + 1 }))
    .filter((range) => range.end <= line.length);
}

/** Neighbours become one, with the separator between them. */
function joined(ranges: readonly TextRange[]): TextRange[] {
  const all: TextRange[] = [];
  for (const range of ranges) {
    const last = all.at(-1);
    if (last !== undefined && range.from - last.end <= 1)
      all[all.length - 1] = { from: last.from, end: range.end };
    else all.push(range);
  }
  return all;
}
