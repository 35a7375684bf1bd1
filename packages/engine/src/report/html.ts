/** Text that is markup already. Everything else that goes into a page is escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template of `html`: texts are escaped, markup is not. */
export type Piece = string | number | null | Markup | readonly Piece[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters, halves of characters, and marks that turn the direction of writing around: names out of dumps may hold them. */
const unprintable = /[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const escaped = (text: string): string =>
  text.replaceAll(unprintable, '\ufffd').replaceAll(/[&<>"']/g, (character) => entities[character]!);

function pieceText(piece: Piece): string {
  if (piece === null) return '';
  if (piece instanceof Markup) return piece.text;
  if (typeof piece === 'string') return escaped(piece);
  return typeof piece === 'number' ? String(piece) : piece.map(pieceText).join('');
}

/** A template of markup whose values are escaped, also as values of quoted attributes. */
export const html = (strings: TemplateStringsArray, ...values: readonly Piece[]): Markup =>
  new Markup(String.raw({ raw: strings }, ...values.map(pieceText)));

/** A heading with what is under it; nothing where there is nothing. */
export const section = (title: string, content: readonly Piece[]): Piece =>
  content.length === 0 ? null : html`<section><h2>${title}</h2>${content}</section>\n`;
