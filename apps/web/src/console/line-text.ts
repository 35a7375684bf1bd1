import type { Line } from '@poolscope/engine';

/** Names out of a dump may hold control characters and marks that turn the direction of writing around; tabs stay. */
export const printable = (text: string): string =>
  text.replaceAll(/[^\P{Cc}\t]/gu, '?').replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');

/** The text of a line without its styles. */
export const lineToText = (line: Line): string =>
  line.map((part) => printable(typeof part === 'string' ? part : part.text)).join('');

/** A piece of a plain text: an address, a name of code, or what is between. */
export interface Piece {
  readonly text: string;
  readonly kind: 'text' | 'address' | 'code';
}

/** Addresses of the kernel as the debugger writes them, and `module!name+0x12`. */
const patterns = {
  8: /\b(?:ffff[0-9a-f]{4}`[0-9a-f]{8}|ffff[0-9a-f]{12})\b|\b[a-z_]\w*![\w@?$~]+(?:\+0x[0-9a-f]+)?/gi,
  4: /\b(?:[89a-f][0-9a-f]{7})\b|\b[a-z_]\w*![\w@?$~]+(?:\+0x[0-9a-f]+)?/gi,
} as const;

/** Finds what can be followed in a text. */
export function piecesOf(text: string, pointerSize: 4 | 8): Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  for (const match of text.matchAll(patterns[pointerSize])) {
    if (match.index > done) pieces.push({ text: text.slice(done, match.index), kind: 'text' });
    pieces.push({ text: match[0], kind: match[0].includes('!') ? 'code' : 'address' });
    done = match.index + match[0].length;
  }
  if (done < text.length) pieces.push({ text: text.slice(done), kind: 'text' });
  return pieces;
}
