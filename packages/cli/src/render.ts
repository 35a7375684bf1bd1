import type { Line, Style } from '@poolscope/engine';
import pico from 'picocolors';

type Colors = ReturnType<typeof pico.createColors>;

const paint: Readonly<Record<Style, (colors: Colors, text: string) => string>> = {
  heading: (colors, text) => colors.bold(text),
  address: (_colors, text) => text,
  symbol: (colors, text) => colors.cyan(text),
  dim: (colors, text) => colors.dim(text),
  good: (colors, text) => colors.green(text),
  bad: (colors, text) => colors.red(text),
  warning: (colors, text) => colors.yellow(text),
};

/**
 * Names out of a dump or of a file may hold escape sequences or marks that turn the direction of writing around: a terminal must
 * not obey them; tabs stay.
 */
export const printable = (text: string): string =>
  text.replaceAll(/[^\P{Cc}\t]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '?');

/** Text of lines for a stream: with colours only on a terminal, and never under NO_COLOR or --no-color. */
export function renderLines(
  lines: readonly Line[],
  stream: { readonly isTTY?: boolean },
  color: boolean,
): string {
  const colors = pico.createColors(color && stream.isTTY === true && pico.isColorSupported);
  const text = (line: Line) => line.map((part) => partText(colors, part)).join('');
  return lines.map((line) => `${text(line).trimEnd()}\n`).join('');
}

function partText(colors: Colors, part: Line[number]): string {
  if (typeof part === 'string') return printable(part);
  return part.style === undefined ? printable(part.text) : paint[part.style](colors, printable(part.text));
}
