import type { Console } from './console.ts';
import { type Line, lineText } from './output.ts';
import { linesStep, type Step } from './step.ts';

/** A line longer than this is shown before it ends. */
const maxOpen = 0x4000;

/**
 * Lines that can be shown: the first goes on the line that is open; with `continues` the last, unless it is empty, stays
 * open for what follows.
 */
export function takeLines(console: Console, lines: readonly Line[], continues = false): readonly Line[] {
  if (lines.length === 0 || (console.openLine === undefined && !continues)) return lines;
  const complete = continues ? lines.slice(0, -1) : lines;
  const shown = complete.map((line, index) => (index === 0 ? endOpen(console, line) : line));
  if (continues) addToOpen(console, lines.at(-1)!);
  const isTooLong = (console.openLine?.length ?? 0) > maxOpen;
  return isTooLong ? [...shown, ...closeLine(console)] : shown;
}

function endOpen(console: Console, line: Line): Line {
  if (console.openLine === undefined) return line;
  addToOpen(console, line);
  return closeLine(console)[0]!;
}

function addToOpen(console: Console, line: Line): void {
  if (line.length === 0) return;
  console.openLine ??= { parts: [], length: 0 };
  for (const part of line) console.openLine.parts.push(part);
  console.openLine.length += lineText(line).length;
}

/** The line that is still open, if there is one. */
export function closeLine(console: Console): readonly Line[] {
  const open = console.openLine;
  console.openLine = undefined;
  return open === undefined ? [] : [open.parts];
}

/** Shows the line that is still open. */
export function* endLine(console: Console): Generator<Step, void> {
  const lines = closeLine(console);
  if (lines.length > 0) yield linesStep(lines);
}
