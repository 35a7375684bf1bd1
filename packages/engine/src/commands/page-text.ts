import { type Line, plain, span } from './output.ts';
import { wrapText } from './wrap-text.ts';

/** Lines of a page for people: a heading with an empty line above. */
export const heading = (text: string): Line[] => [[''], [span(text, 'heading')]];

/** A text in lines of at most `width` columns, all indented; longer words are not broken. */
export const indented = (text: string, indent: string, width: number): string[] =>
  wrapText(text, Math.max(1, width - indent.length)).map((line) => indent + line);

export const wrapped = (text: string, indent: string, width: number): Line[] =>
  plain(...indented(text, indent, width));
