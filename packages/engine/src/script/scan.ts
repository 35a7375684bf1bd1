/**
 * Where stretches of a script end: quoted texts, groups in parentheses and braces. All give the index behind what they
 * read, or -1 when it does not end. None of them recurses, so no nesting is too deep for them.
 */

/** Does a newline end a command and a quoted text, as in a script, or is it a character like others? */
export interface ScanMode {
  readonly newlines: boolean;
}

/** Behind the quoted text that begins at `at`. A quote that its line does not close is a character like others. */
export function behindQuote(text: string, at: number, mode: ScanMode, escapes: boolean): number {
  for (let end = at + 1; end < text.length; end++) {
    const character = text[end];
    if (character === '"') return end + 1;
    if (character === '\\' && escapes) end++;
    else if (character === '\n' && mode.newlines) break;
  }
  return at + 1;
}

/** Is this the `$` of `${Name}`? Its braces are no block. */
export const isAliasToken = (text: string, at: number): boolean => text[at] === '$' && text[at + 1] === '{';

/** Behind `${Name}`; one without an end is two characters like others. */
export function behindAliasToken(text: string, at: number): number {
  const end = /^\$\{[^{}\s]*\}/.exec(text.slice(at, at + maxAliasToken))?.[0].length;
  return at + (end ?? 1);
}

const maxAliasToken = 300;

/** In formats of `.printf` and in `!list` a quote may stand behind a backslash; anywhere else a path may end with one. */
export const hasEscapes = (text: string, at: number): boolean =>
  /^(?:\.printf|!(?:\w+\.)?list(?!\w))/i.test(text.slice(at, at + maxEscaping));

/** Longest beginning that tells: `!extension.list`. */
const maxEscaping = 40;

/** Behind the brace that closes the block at `open`. */
export function behindBlock(text: string, open: number, mode: ScanMode): number {
  let depth = 0;
  let begins = true;
  let escapes = false;
  for (let at = open; at < text.length; ) {
    const character = text[at]!;
    if (begins && !/[\s;{]/.test(character)) {
      escapes = hasEscapes(text, at);
      begins = false;
    }
    if (character === '"') at = behindQuote(text, at, mode, escapes);
    else if (isAliasToken(text, at)) at = behindAliasToken(text, at);
    else {
      at++;
      if (character === '}' && --depth === 0) return at;
      if (character === '{') depth++;
      if (character === '{' || character === '}' || character === ';' || character === '\n') begins = true;
    }
  }
  return -1;
}

/** Behind the parenthesis that closes the group at `open`. */
export function behindGroup(text: string, open: number, mode: ScanMode): number {
  let depth = 0;
  for (let at = open; at < text.length && at >= 0; ) {
    const character = text[at]!;
    if (character === '{') at = behindBlock(text, at, mode);
    else {
      at = behindToken(text, at, mode);
      if (character === '(') depth++;
      if (character === ')' && --depth === 0) return at;
    }
  }
  return -1;
}

/** Behind a quoted text, an alias or a single character. */
function behindToken(text: string, at: number, mode: ScanMode): number {
  if (text[at] === '"') return behindQuote(text, at, mode, false);
  return isAliasToken(text, at) ? behindAliasToken(text, at) : at + 1;
}

/** The first character of `stops` outside of quotes and groups; the text's end if there is none, -1 if a group is open. */
export function findOutside(text: string, from: number, stops: string, mode: ScanMode): number {
  let at = from;
  while (at >= 0 && at < text.length) {
    const character = text[at]!;
    if (stops.includes(character)) return at;
    if (character === '(') at = behindGroup(text, at, mode);
    else if (character === '{') at = behindBlock(text, at, mode);
    else at = behindToken(text, at, mode);
  }
  return at;
}
