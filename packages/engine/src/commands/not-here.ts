import { DebuggerError } from '../base/index.ts';
import { closestName } from './closest-name.ts';
import type { Command } from './command.ts';
import { type NotHere, notHere } from './tables/not-here/index.ts';
import { findScriptWord, scriptWords } from './tables/script-words.ts';

const byName = new Map(notHere.flatMap((each) => each.names.map((name) => [name, each] as const)));

/** What is known of a command that the Windows debugger has and this console has not. */
export function findNotHere(word: string): NotHere | undefined {
  return byName.get(word) ?? byName.get(word.toLowerCase());
}

/** What to do in place of such a command: those of the commands that are nearest to it, or other advice. */
function nearestText({ nearest, advice }: NotHere, commands: readonly Command[]): string | undefined {
  const known = nearest.filter((name) => isKnown(commands, name));
  return known.length > 0 ? `nearest here: ${known.join(', ')}` : advice;
}

const isKnown = (commands: readonly Command[], name: string): boolean =>
  findScriptWord(name) !== undefined || commands.some(({ names }) => names.includes(name));

/** Why there is no such command: it is one of the debugger's that is not here, or there is none. */
export function unknownCommand(commands: readonly Command[], typed: string): DebuggerError {
  const word = /^\S+/.exec(typed.trim())?.[0] ?? '';
  const bare = word.replace(/^!\w+\.(?=\w)/, '!');
  const known = findNotHere(word) ?? findNotHere(bare) ?? joined(bare);
  if (known !== undefined) return new DebuggerError('COMMAND_NOT_HERE', notHereText(word, known, commands));
  const close = closestName(
    bare,
    [...commands, ...scriptWords].flatMap(({ names }) => names),
  );
  const hint = close === undefined ? '' : `; did you mean '${close}'?`;
  return new DebuggerError('COMMAND_UNKNOWN', `there is no command '${clip(word)}'${hint}`);
}

export function notHereText(word: string, known: NotHere, commands: readonly Command[]): string {
  const nearest = nearestText(known, commands);
  return `'${clip(word)}' (${known.what}) is not here${nearest === undefined ? '' : `; ${nearest}`}`;
}

/** `bp0`, `t5`, `~0f`: an argument that runs into the name. */
function joined(word: string): NotHere | undefined {
  const [, name] = /^([a-z]{1,2})[\d@*$]/i.exec(word) ?? [];
  return name === undefined ? undefined : findNotHere(name);
}

const clip = (word: string): string => (word.length > 60 ? `${word.slice(0, 60)}...` : word);
