/** What the arguments of a command are, as far as completing them goes. */
export type ArgumentKind = 'expression' | 'module' | 'register' | 'command' | 'alias' | 'file' | 'text';

/** The word that ends a text of commands. */
export interface WordPlace {
  /** What the command has before the word; empty: the word is the command's name. */
  readonly before: string;
  readonly word: string;
  /** Index of its first character. */
  readonly from: number;
}

/** What takes something else than expressions, by what stands before it. */
const kinds: readonly (readonly [RegExp, ArgumentKind])[] = [
  [/^\$\$?>?(a?<)/, 'file'],
  [/^\.log(open|append)(\s|$)/, 'file'],
  [/^!chkimg\s.*-i$/, 'file'],
  [/^as .*\/f(\s|$)/i, 'file'],
  [/^\.help$/, 'command'],
  [/^ad(\s|$)/, 'alias'],
  [/^(lm\w*|x|!lmi|!dh|!chkimg)(\s|$)/, 'module'],
  [/^(r[mfxyz]?)(\s|$)/i, 'register'],
  [/^(\.echo|\.printf|as|al|explain)(\s|$)/i, 'text'],
];

export const argumentKindOf = (before: string): ArgumentKind =>
  kinds.find(([pattern]) => pattern.test(before))?.[1] ?? 'expression';

/** The word at the end of a text; undefined where nothing can be completed: in quotes, in a comment, before any word. */
export function wordAtEnd(text: string): WordPlace | undefined {
  const start = lastCommandStart(text);
  if (start === undefined) return undefined;
  const typed = text.slice(start);
  const script = /^(\$\$?>?a?<)\s*(\S*)$/.exec(typed);
  if (script !== null) return { before: script[1]!, word: script[2]!, from: text.length - script[2]!.length };
  if (typed === '' || /^(\*|\$\$)/.test(typed)) return undefined;
  const word = /\S*$/.exec(typed)![0];
  const before = typed.slice(0, typed.length - word.length).trimEnd();
  const takesWords = before === '' || /^(file|command|alias)$/.test(argumentKindOf(before));
  const shown = takesWords ? word : expressionWord(word);
  return { before, word: shown, from: text.length - shown.length };
}

/** The name at the end of an expression, as far as it is typed. */
export const expressionWord = (text: string): string => /[\w$@?!:~]*$/.exec(text)![0];

/** Where the last command begins: behind the last semicolon, brace or line end that is not in quotes. */
function lastCommandStart(text: string): number | undefined {
  let start = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') quoted = !quoted;
    else if (character === '\n') {
      quoted = false;
      start = at + 1;
    } else if (!quoted && /[;{}]/.test(character)) start = at + 1;
  }
  if (quoted) return undefined;
  start += /^\s*/.exec(text.slice(start))![0].length;
  return start + (/^!for_each_module\s+/i.exec(text.slice(start))?.[0].length ?? 0);
}
