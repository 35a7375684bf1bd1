import { DebuggerError } from '../base/index.ts';
import { behindBlock, behindGroup, findOutside, type ScanMode } from './scan.ts';

export const syntaxError = (message: string): DebuggerError => new DebuggerError('SCRIPT_SYNTAX', message);

/** A text and a place in it, for reading the parts of a statement one after the other. */
export class Syntax {
  readonly text: string;
  readonly mode: ScanMode;
  at: number;

  constructor(text: string, at: number, mode: ScanMode) {
    this.text = text;
    this.at = at;
    this.mode = mode;
  }

  get character(): string {
    return this.text[this.at] ?? '';
  }

  /** What ends a command here. */
  get lineEnds(): string {
    return this.mode.newlines ? ';\n' : ';';
  }

  /** Goes over blanks; a script's lines are often joined by semicolons, which may stand between the parts too. */
  skip(characters: RegExp): void {
    while (this.at < this.text.length && characters.test(this.character)) this.at++;
  }

  /** Goes over a word if it stands here, in any capitals. */
  skipWord(word: string): boolean {
    const end = this.at + word.length;
    if (this.text.slice(this.at, end).toLowerCase() !== word || /[\w]/.test(this.text[end] ?? ''))
      return false;
    this.at = end;
    return true;
  }

  /** The text of the block that begins here, without its braces. */
  block(token: string): string {
    this.skip(/[\s;]/);
    if (this.character !== '{') throw syntaxError(`${token} needs a block: { COMMANDS }`);
    return this.#inside(behindBlock(this.text, this.at, this.mode), `the brace behind ${token}`);
  }

  /** The text of the group in parentheses that begins here, without them. */
  group(token: string): string {
    this.skip(/\s/);
    if (this.character !== '(') throw syntaxError(`${token} needs parentheses`);
    return this.#inside(behindGroup(this.text, this.at, this.mode), `the parenthesis behind ${token}`);
  }

  #inside(end: number, what: string): string {
    if (end < 0) throw syntaxError(`${what} is not closed`);
    const inside = this.text.slice(this.at + 1, end - 1);
    this.at = end;
    return inside;
  }

  /** Text up to the first of `stops` outside of quotes and groups. */
  until(stops: string, token: string): string {
    const end = findOutside(this.text, this.at, stops, this.mode);
    if (end < 0) throw syntaxError(`a parenthesis or brace behind ${token} is not closed`);
    const found = this.text.slice(this.at, end).trim();
    this.at = end;
    return found;
  }

  /** The rest of the line. */
  line(): string {
    const end = this.mode.newlines ? this.text.indexOf('\n', this.at) : -1;
    const found = this.text.slice(this.at, end < 0 ? this.text.length : end).trim();
    this.at = end < 0 ? this.text.length : end;
    return found;
  }
}
