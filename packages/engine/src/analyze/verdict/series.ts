import { readU32 } from '../../base/index.ts';
import type { Payload } from './payload.ts';

/** Bytes of a word, of the smallest and largest record that is tried, and how many records tell what a series is. */
const [wordSize, smallest, largest, fewestRecords] = [4, 4, 64, 3];
/** Words that may have been set anew since, and how many behind them have to be as foretold. */
const [mostGap, fewestBehind] = [2, 2];

/** Records behind one another, each word of which grows by the same from one to the next, and one at least does grow. */
interface Series {
  readonly bytes: Uint8Array;
  readonly size: number;
  /** Where the records are that tell. */
  readonly from: number;
  /** By how much each word of a record grows. */
  readonly steps: readonly number[];
}

/**
 * A series that runs over a place: what its records up to there foretell stands behind it too. `from`: where the memory begins
 * that the place is the end of. The payload goes on from inside; a word or two of it may have been changed since.
 */
export function seriesOver(bytes: Uint8Array, from: number, at: number): Payload | undefined {
  let longest: Payload | undefined;
  for (let size = smallest; size <= largest && at - fewestRecords * size >= from; size += wordSize) {
    const series = seriesBefore(bytes, at, size);
    const end = series === undefined ? at : endOf(series, at);
    if (series === undefined || end === at || end <= (longest?.end ?? 0)) continue;
    longest = { start: startOf(series, from), end, pattern: 'mixed', text: undefined, goesOn: true };
  }
  return longest;
}

function seriesBefore(bytes: Uint8Array, at: number, size: number): Series | undefined {
  const from = at - fewestRecords * size;
  const steps: number[] = [];
  for (let word = 0; word < size; word += wordSize) {
    const values = Array.from({ length: fewestRecords }, (_, index) =>
      readU32(bytes, from + index * size + word),
    );
    const step = (values[1]! - values[0]!) | 0;
    const isEven = values.every((value, index) => index === 0 || ((value - values[index - 1]!) | 0) === step);
    if (!isEven) return undefined;
    steps.push(step);
  }
  return steps.every((step) => step === 0) ? undefined : { bytes, size, from, steps };
}

/** Does a word stand where the series has it? */
function isForetold({ bytes, size, from, steps }: Series, at: number): boolean {
  if (at < 0 || at + wordSize > bytes.length) return false;
  const record = Math.floor((at - from) / size);
  const offset = at - from - record * size;
  const first = readU32(bytes, from + offset);
  return ((readU32(bytes, at) - first) | 0) === Math.imul(record, steps[offset / wordSize]!);
}

function endOf(series: Series, at: number): number {
  let end = at;
  for (;;) {
    while (isForetold(series, end)) end += wordSize;
    const gap = end === at ? 0 : gapBehind(series, end);
    if (gap === 0) return end;
    end += gap;
  }
}

/** Bytes that were changed since, where the series goes on behind them. */
function gapBehind(series: Series, end: number): number {
  for (let words = 1; words <= mostGap; words++) {
    const behind = end + words * wordSize;
    const goesOn = Array.from({ length: fewestBehind }, (_, index) => behind + index * wordSize);
    if (goesOn.every((place) => isForetold(series, place) && readU32(series.bytes, place) !== 0))
      return words * wordSize;
  }
  return 0;
}

function startOf(series: Series, lowest: number): number {
  let start = series.from;
  while (start - wordSize >= lowest && isForetold(series, start - wordSize)) start -= wordSize;
  return start;
}
