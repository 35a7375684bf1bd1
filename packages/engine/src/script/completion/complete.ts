import type { Console } from '../../commands/console.ts';
import { type Candidate, type Completion, completionOf } from './candidate.ts';
import { commandCandidates } from './commands.ts';
import { expressionCandidates, moduleCandidates, registerCandidates } from './names.ts';
import { type ArgumentKind, argumentKindOf, expressionWord, wordAtEnd } from './place.ts';

/** What may stand at the cursor (an index into `line`): names of commands, modules, symbols, registers and aliases. */
export function complete(console: Console, line: string, cursor: number): Completion {
  const place = wordAtEnd(line.slice(0, cursor));
  if (place === undefined) return completionOf(cursor, []);
  const { before, word, from } = place;
  if (before !== '') {
    const kind = argumentKindOf(before);
    return completionOf(from, argumentCandidates(console, kind, word), kind === 'file');
  }
  const commands = [...commandCandidates(console, word), ...aliasCandidates(console, word)];
  if (commands.length > 0) return completionOf(from, commands);
  // `?nt!Ke`, `db@rs`: the argument runs into the command.
  const tail = expressionWord(word.slice(1));
  return completionOf(cursor - tail.length, tail === '' ? [] : expressionCandidates(console, tail));
}

function argumentCandidates(console: Console, kind: ArgumentKind, word: string): readonly Candidate[] {
  switch (kind) {
    case 'file':
    case 'text':
      return [];
    case 'command':
      return commandCandidates(console, word);
    case 'alias':
      return aliasCandidates(console, word);
    case 'module':
      return word.includes('!') ? expressionCandidates(console, word) : moduleCandidates(console, word);
    case 'register':
      return /^[@$]/.test(word) ? expressionCandidates(console, word) : registerCandidates(console, word, '');
    case 'expression':
      return [...aliasCandidates(console, word), ...expressionCandidates(console, word)];
  }
}

const aliasCandidates = (console: Console, word: string): Candidate[] =>
  [...console.aliases.keys()]
    .filter((name) => name.startsWith(word))
    .map((text): Candidate => ({ text, kind: 'alias' }));
