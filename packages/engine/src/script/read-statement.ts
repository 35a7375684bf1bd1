import { takesLine } from '../commands/index.ts';
import { readFlow } from './flow-syntax.ts';
import {
  behindAliasToken,
  behindBlock,
  behindQuote,
  hasEscapes,
  isAliasToken,
  type ScanMode,
} from './scan.ts';
import type { PlacedStatement, Statement } from './statement.ts';
import { Syntax, syntaxError } from './syntax.ts';

/**
 * The next statement of a text at or behind `from`; undefined when there is none. Throws SCRIPT_SYNTAX where braces,
 * parentheses or parts are missing: then nothing behind it can be read either.
 */
export function readStatement(text: string, from: number, mode: ScanMode): PlacedStatement | undefined {
  const start = startOf(text, from);
  if (start === undefined) return undefined;
  const syntax = new Syntax(text, start, mode);
  const statement = read(syntax);
  return { statement, text: text.slice(start, syntax.at).trim(), start, end: syntax.at };
}

function startOf(text: string, from: number): number | undefined {
  for (let at = from; at < text.length; at++) if (!/[\s;]/.test(text[at]!)) return at;
  return undefined;
}

function read(syntax: Syntax): Statement {
  if (isComment(syntax)) return { kind: 'comment' };
  const flow = readFlow(syntax);
  if (flow !== undefined) return { kind: 'flow', flow };
  const { text, at } = syntax;
  if (takesLine(lineAt(text, at))) syntax.line();
  else syntax.at = behindCommand(text, at, syntax.mode);
  return { kind: 'command' };
}

const lineAt = (text: string, at: number): string => {
  const end = text.indexOf('\n', at);
  return text.slice(at, Math.min(end < 0 ? text.length : end, at + longestHead));
};
/** A command's name and options are shorter. */
const longestHead = 100;

/** `*` hides the rest of its line, `$$` what is before the next semicolon too. `$$<` and its like run scripts. */
function isComment(syntax: Syntax): boolean {
  const { text, at } = syntax;
  if (syntax.character === '*') {
    syntax.line();
    return true;
  }
  if (!text.startsWith('$$', at) || /^\$\$(?:>a)?>?</i.test(text.slice(at, at + 6))) return false;
  while (syntax.at < text.length && !syntax.lineEnds.includes(syntax.character)) syntax.at++;
  return true;
}

/** Where a command ends: at a semicolon or line end that is neither in quotes nor in braces. */
function behindCommand(text: string, start: number, mode: ScanMode): number {
  const escapes = hasEscapes(text, start);
  let at = start;
  while (at < text.length) {
    const character = text[at]!;
    if (character === ';' || (character === '\n' && mode.newlines)) return at;
    if (character === '}') throw syntaxError('there is a closing brace too many');
    if (character === '"') at = behindQuote(text, at, mode, escapes);
    else if (isAliasToken(text, at)) at = behindAliasToken(text, at);
    else if (character === '{') {
      at = behindBlock(text, at, mode);
      if (at < 0) throw syntaxError('a brace is not closed');
    } else at++;
  }
  return at;
}
