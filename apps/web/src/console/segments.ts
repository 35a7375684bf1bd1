import type { Line, Style } from '@poolscope/engine';
import { type AddressRange, hitRanges, type TextRange } from './damaged-text.ts';
import { piecesOf, printable } from './line-text.ts';

/** A piece of a line that looks and acts as one. */
export interface Segment {
  readonly text: string;
  readonly style: Style | undefined;
  /** Console command that a click runs. */
  readonly command: string | undefined;
  /** Address or name of code that a click leads to. */
  readonly to: { readonly kind: 'address' | 'code'; readonly at: string } | undefined;
  /** It shows damaged bytes. */
  readonly isHit: boolean;
  /** It was searched for. */
  readonly isFound: boolean;
}

export interface SegmentOptions {
  readonly pointerSize: 4 | 8;
  /** Damaged bytes; their digits stand out wherever memory is shown. */
  readonly damage?: AddressRange | undefined;
  /** What is searched for, in lower case. */
  readonly search?: string;
}

type Base = Pick<Segment, 'text' | 'style' | 'command' | 'to'>;

/** Cuts a line into what the page shows differently. */
export function segmentsOf(line: Line, { pointerSize, damage, search = '' }: SegmentOptions): Segment[] {
  const bases = line.flatMap((part) => basesOf(part, pointerSize));
  const text = bases.map((base) => base.text).join('');
  const hits = damage === undefined ? [] : hitRanges(text, damage);
  const found = search === '' ? [] : foundRanges(text.toLowerCase(), search);
  const segments: Segment[] = [];
  let at = 0;
  for (const base of bases) {
    segments.push(...cut(base, at, hits, found));
    at += base.text.length;
  }
  return segments;
}

function basesOf(part: Line[number], pointerSize: 4 | 8): Base[] {
  const { text, style, command } = typeof part === 'string' ? { text: part } : part;
  const shown = printable(text);
  if (command !== undefined) return [{ text: shown, style, command, to: undefined }];
  return piecesOf(shown, pointerSize).map((piece) => ({
    text: piece.text,
    style,
    command,
    to: piece.kind === 'text' ? undefined : { kind: piece.kind, at: piece.text.replaceAll('`', '') },
  }));
}

function foundRanges(text: string, search: string): TextRange[] {
  const ranges: TextRange[] = [];
  for (let at = text.indexOf(search); at >= 0; at = text.indexOf(search, at + search.length))
    ranges.push({ from: at, end: at + search.length });
  return ranges;
}

/** Cuts where ranges begin and end. */
function cut(base: Base, at: number, hits: readonly TextRange[], found: readonly TextRange[]): Segment[] {
  const end = at + base.text.length;
  const edges = [...hits, ...found].flatMap(({ from, end: to }) => [from, to]);
  const cuts = [at, ...edges.filter((edge) => edge > at && edge < end).sort((a, b) => a - b), end];
  const segments: Segment[] = [];
  for (let index = 0; index + 1 < cuts.length; index++) {
    const [from, to] = [cuts[index]!, cuts[index + 1]!];
    if (from === to) continue;
    const isIn = (range: TextRange) => range.from <= from && range.end >= to;
    const text = base.text.slice(from - at, to - at);
    segments.push({ ...base, text, isHit: hits.some(isIn), isFound: found.some(isIn) });
  }
  return segments;
}
