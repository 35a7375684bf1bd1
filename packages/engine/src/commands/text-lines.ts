import { type Va, wrap64 } from '../base/index.ts';
import { type Line, span } from './output.ts';

/** Characters of a line unless `/c` says otherwise. */
export const usualWidth = 32;

/** What cannot be printed becomes dots: of bytes all but ASCII, of UTF-16 what shows nothing or is no single unit. */
export const printable = (text: string, unit: 1 | 2): string =>
  unit === 1
    ? text.replace(/[^ -~]/g, '.')
    : text.replace(/[\p{C}\p{Zl}\p{Zp}]|[\u{10000}-\u{10ffff}]/gu, (found) => '.'.repeat(found.length));

/** A text in quotes, each line behind the address of its first character; an empty text has one line. */
export function textLines(
  addressText: (va: Va) => string,
  start: Va,
  text: string,
  unit: 1 | 2,
  width = usualWidth,
): Line[] {
  const shown = printable(text, unit);
  const lines: Line[] = [];
  for (let at = 0; at === 0 || at < shown.length; at += width) {
    const address = addressText(wrap64(start + BigInt(at * unit)));
    lines.push([span(address, 'address'), `  "${shown.slice(at, at + width)}"`]);
  }
  return lines;
}
