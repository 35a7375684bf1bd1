import { findOutside } from './scan.ts';
import type { Branch, Flow, WordSource } from './statement.ts';
import { type Syntax, syntaxError } from './syntax.ts';

type Reader = (syntax: Syntax) => Flow;

/** Everything between semicolons and lines. */
const between = /[\s;]/;

const readers: Readonly<Record<string, Reader>> = {
  '.if': readIf,
  '.while': (syntax) => ({
    kind: 'while',
    condition: readCondition(syntax, '.while'),
    body: syntax.block('.while'),
  }),
  '.do': readDo,
  '.for': readFor,
  '.foreach': readForEach,
  '.block': (syntax) => ({ kind: 'block', body: syntax.block('.block') }),
  '.catch': (syntax) => ({ kind: 'catch', body: syntax.block('.catch') }),
  '.break': () => ({ kind: 'break' }),
  '.continue': () => ({ kind: 'continue' }),
  '.leave': () => ({ kind: 'leave' }),
  '.else': () => lonely('.else'),
  '.elsif': () => lonely('.elsif'),
};

function lonely(token: string): never {
  throw syntaxError(`${token} stands without an .if before it`);
}

/** The control flow that begins at the syntax's place; undefined when it is another command. */
export function readFlow(syntax: Syntax): Flow | undefined {
  const { text, at } = syntax;
  const token = /^\.[a-z]+/i.exec(text.slice(at, at + 10))?.[0].toLowerCase() ?? '';
  const reader = Object.hasOwn(readers, token) && syntax.skipWord(token) ? readers[token] : undefined;
  return reader === undefined ? readOldFlow(syntax) : reader(syntax);
}

/** `j`, `z` and the setting of a fixed-name alias: commands without a dot that are not like others. */
function readOldFlow(syntax: Syntax): Flow | undefined {
  const rest = syntax.text.slice(syntax.at, syntax.at + 60);
  if (/^j(?=[\s(])/i.test(rest)) {
    syntax.at++;
    return { kind: 'choose', text: syntax.line() };
  }
  if (/^z\s*\(/i.test(rest)) {
    syntax.at++;
    return { kind: 'again', condition: syntax.until(syntax.lineEnds, 'z') };
  }
  const fixed = /^r\s*\$\.u(\d)\s*=/i.exec(rest);
  if (fixed === null) return undefined;
  syntax.at += fixed[0].length;
  return { kind: 'fixed-alias', name: `$u${fixed[1]}`, value: syntax.line() };
}

/** A condition with or without parentheses; the block follows. */
function readCondition(syntax: Syntax, token: string): string {
  const end = findBlock(syntax);
  if (end === undefined)
    throw syntaxError(`${token} needs a condition and a block: (CONDITION) { COMMANDS }`);
  return takeCondition(syntax, end, token);
}

function takeCondition(syntax: Syntax, end: number, token: string): string {
  const condition = syntax.text
    .slice(syntax.at, end)
    .replace(/[\s;]+$/, '')
    .trim();
  if (condition.replace(/^\(\s*\)$/, '') === '') throw syntaxError(`${token} needs a condition`);
  syntax.at = end;
  return condition;
}

/** Where the next block begins, if nothing but semicolons and blanks ends the condition before it. */
function findBlock({ text, at, mode }: Syntax): number | undefined {
  const end = findOutside(text, at, ';\n{', mode);
  if (end < 0) throw syntaxError('a parenthesis behind a condition is not closed');
  let brace = end;
  while (brace < text.length && between.test(text[brace]!)) brace++;
  return text[brace] === '{' ? brace : undefined;
}

function readIf(syntax: Syntax): Flow {
  const branches: Branch[] = [readBranch(syntax, '.if')];
  while (skipToWord(syntax, '.elsif')) branches.push(readBranch(syntax, '.elsif'));
  if (skipToWord(syntax, '.else')) branches.push({ condition: undefined, body: syntax.block('.else') });
  return { kind: 'if', branches };
}

/** With a block, or with one command behind a condition in parentheses. */
function readBranch(syntax: Syntax, token: string): Branch {
  syntax.skip(/\s/);
  const brace = findBlock(syntax);
  if (brace !== undefined)
    return { condition: takeCondition(syntax, brace, token), body: syntax.block(token) };
  const condition = `(${syntax.group(token)})`;
  const body = syntax.until(syntax.lineEnds, token);
  if (body === '') throw syntaxError(`${token} needs a block: { COMMANDS }`);
  return { condition, body };
}

/** Goes to a word that belongs to the statement before it; stays where it is if there is none. */
function skipToWord(syntax: Syntax, word: string): boolean {
  const { at } = syntax;
  syntax.skip(between);
  if (syntax.skipWord(word)) return true;
  syntax.at = at;
  return false;
}

function readDo(syntax: Syntax): Flow {
  const body = syntax.block('.do');
  syntax.skip(/\s/);
  const condition = syntax.until(syntax.lineEnds, '.do');
  if (condition === '')
    throw syntaxError('.do needs a condition behind its block: .do { COMMANDS } (CONDITION)');
  return { kind: 'do', body, condition };
}

function readFor(syntax: Syntax): Flow {
  const inside = syntax.group('.for');
  const first = findOutside(inside, 0, ';', syntax.mode);
  const second = findOutside(inside, first + 1, ';', syntax.mode);
  if (first < 0 || second < 0 || second >= inside.length)
    throw syntaxError('.for needs two semicolons: .for (COMMAND; CONDITION; COMMANDS) { COMMANDS }');
  return {
    kind: 'for',
    first: inside.slice(0, first),
    condition: inside.slice(first + 1, second).trim(),
    step: inside.slice(second + 1),
    body: syntax.block('.for'),
  };
}

function readForEach(syntax: Syntax): Flow {
  const options = syntax.until('({', '.foreach');
  const inside = syntax.group('.foreach').trim();
  const variable = /^[^\s{"]*/.exec(inside)![0];
  const rest = inside.slice(variable.length).trim();
  const from = sourceOf(options);
  const source = unwrap(rest, from);
  if (variable === '' || source === undefined) {
    const form = from === 'commands' ? '{ COMMANDS }' : `"${from.toUpperCase()}"`;
    throw syntaxError(`.foreach needs a variable and what it goes over: (VARIABLE ${form})`);
  }
  return { kind: 'foreach', options, variable, from, source, body: syntax.block('.foreach') };
}

function sourceOf(options: string): WordSource {
  if (/(?:^|\s)\/s(?=\s|$)/.test(options)) return 'text';
  return /(?:^|\s)\/f(?=\s|$)/.test(options) ? 'file' : 'commands';
}

/** What stands in the braces, or in the quotes. */
function unwrap(text: string, from: WordSource): string | undefined {
  const [open, close] = from === 'commands' ? ['{', '}'] : ['"', '"'];
  const wrapped = text.length >= 2 && text.startsWith(open!) && text.endsWith(close!);
  return wrapped ? text.slice(1, -1) : undefined;
}
