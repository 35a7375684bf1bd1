import type { Line, Style } from './output.ts';
import { span } from './output.ts';
import { wrapText } from './wrap-text.ts';

/** Columns that lines of our own keep to, where the debugger has no layout for them. */
export const noteColumns = 110;

/** A sentence in as many lines as it needs. */
export const noteLines = (text: string, style: Style = 'dim'): Line[] =>
  wrapText(text, noteColumns).map((line) => [span(line, style)]);
