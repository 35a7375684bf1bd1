import { type BlockSearch, exactTag, type PoolName, tagPattern } from '../pool/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';

/** What `!poolfind` was asked. */
export interface FindRequest {
  readonly search: BlockSearch;
  /** The tag as it was typed, or of a number its characters. */
  readonly text: string;
  /** Options with a name were used: the newer layout is shown. */
  readonly isNew: boolean;
  /** The search as JavaScript. */
  readonly call: string;
}

const byNumber: Readonly<Record<string, PoolName>> = {
  '0': 'nonpaged',
  '1': 'paged',
  '2': 'special',
  '4': 'paged-session',
};
const byName: Readonly<Record<string, readonly PoolName[]>> = {
  '-nonpaged': ['nonpaged'],
  '-paged': ['paged'],
  '-special': ['special'],
  '-session': ['paged-session'],
  '-global': ['nonpaged', 'paged'],
};

/** A word, or a text in quotes. */
const wordPattern = /\s*(?:"([^"]*)"|(\S+))/y;

interface Word {
  readonly text: string;
  readonly quoted: boolean;
}

function wordsOf(args: string): Word[] {
  const words: Word[] = [];
  wordPattern.lastIndex = 0;
  for (let match = wordPattern.exec(args); match !== null; match = wordPattern.exec(args))
    words.push({ text: match[1] ?? match[2]!, quoted: match[1] !== undefined });
  return words;
}

/** Reads the arguments of `!poolfind`. Throws COMMAND_USAGE. */
export function readFindRequest(console: Console, command: Command, args: string): FindRequest {
  return new RequestReader(console, command, wordsOf(args)).read();
}

class RequestReader {
  readonly #console: Console;
  readonly #command: Command;
  readonly #words: Word[];
  readonly #pools = new Set<PoolName>();
  #tag: Word | undefined;
  #isNew = false;
  #least: bigint | undefined;
  #most: bigint | undefined;
  #only: 'onlySmall' | 'onlyLarge' | undefined;

  constructor(console: Console, command: Command, words: Word[]) {
    this.#console = console;
    this.#command = command;
    this.#words = words;
  }

  read(): FindRequest {
    for (let word = this.#words.shift(); word !== undefined; word = this.#words.shift()) this.#take(word);
    if (this.#tag === undefined) throw this.#error('a tag is missing');
    const { tag, text, call } = this.#pattern(this.#tag);
    const pools: PoolName[] = this.#pools.size === 0 ? ['nonpaged'] : [...this.#pools];
    const [least, most] = [this.#least, this.#most];
    const only = this.#only;
    const parts = [
      `tag: ${call}`,
      `pools: ${JSON.stringify(pools)}`,
      ...(least === undefined ? [] : [`least: ${bigHex(least)}`]),
      ...(most === undefined ? [] : [`most: ${bigHex(most)}`]),
      ...(only === undefined ? [] : [`${only}: true`]),
    ];
    return {
      search: {
        tag,
        pools,
        ...(least !== undefined && { least }),
        ...(most !== undefined && { most }),
        ...(only !== undefined && { [only]: true }),
      },
      text,
      isNew: this.#isNew,
      call: `{ ${parts.join(', ')} }`,
    };
  }

  #take(word: Word): void {
    const { text, quoted } = word;
    if (quoted || !text.startsWith('-')) {
      const pool = this.#tag === undefined || quoted ? undefined : byNumber[text];
      if (pool !== undefined && this.#words.length === 0) this.#pools.add(pool);
      else if (this.#tag !== undefined && /^\d+$/.test(text) && !quoted && byNumber[text] === undefined)
        throw this.#error(`${text.slice(0, 40)} is no pool: 0 nonpaged, 1 paged, 2 special, 4 session`);
      else this.#setTag(word);
      return;
    }
    this.#isNew = true;
    const pools = byName[text];
    if (pools !== undefined) for (const pool of pools) this.#pools.add(pool);
    else if (text === '-tag') this.#setTag(this.#next('-tag'));
    else if (text === '-size') this.#setSize(this.#next('-size').text);
    else if (text === '-small') this.#only = 'onlySmall';
    else if (text === '-large') this.#only = 'onlyLarge';
    else if (text === '-x') throw this.#error('-x is not here: .foreach runs commands on what is found');
    else throw this.#error(`'${text.slice(0, 40)}' is no option`);
  }

  #next(option: string): Word {
    const word = this.#words.shift();
    if (word === undefined) throw this.#error(`what ${option} is, is missing`);
    return word;
  }

  #setTag(word: Word): void {
    if (this.#tag !== undefined) throw this.#error(`'${word.text.slice(0, 40)}' is too much`);
    this.#tag = word;
  }

  /** `SIZE`, or `LEAST-MOST`. */
  #setSize(text: string): void {
    const [, least, most] = /^([\da-fnxt`]+)(?:-([\da-fnxt`]+))?$/i.exec(text) ?? [];
    if (least === undefined) throw this.#error(`'${text.slice(0, 40)}' is no size, nor LEAST-MOST`);
    this.#least = evaluateIn(this.#console, least);
    this.#most = most === undefined ? this.#least : evaluateIn(this.#console, most);
    if (this.#most < this.#least) throw this.#error('the range of sizes ends before it starts');
  }

  /** A number has to begin with `0x`. Source: the debugger's documentation. */
  #pattern({ text, quoted }: Word): {
    readonly tag: BlockSearch['tag'];
    readonly text: string;
    readonly call: string;
  } {
    if (!quoted && /^0x[\da-f]{1,8}$/.test(text)) {
      const value = Number(text);
      const characters = [0, 8, 16, 24]
        .map((shift) => String.fromCharCode((value >>> shift) & 0x7f))
        .join('');
      return { tag: exactTag(value), text: characters, call: `engine.exactTag(${text})` };
    }
    const tag = tagPattern(text);
    if (tag === undefined)
      throw this.#error(`'${text.slice(0, 40)}' has more than the four characters of a tag`);
    return { tag, text, call: `engine.tagPattern(${JSON.stringify(text)})` };
  }

  #error(message: string): Error {
    return usageError(this.#command, message);
  }
}
