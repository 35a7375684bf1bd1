import { commands } from '../../commands/registry.ts';
import { scriptWords } from '../../commands/tables/script-words.ts';
import type { Candidate } from './candidate.ts';

const all: readonly Candidate[] = [...commands, ...scriptWords].flatMap(({ names, summary }) =>
  names.map((text): Candidate => ({ text, kind: 'command', summary })),
);

/** Commands that begin with a word as typed, else with the word in small letters; `!ext.name` is `!name`. */
export function commandCandidates(word: string): readonly Candidate[] {
  const [, extension = '', name] = /^(!\w+\.)?(.*)$/s.exec(word)!;
  const typed = extension === '' ? name! : `!${name}`;
  const exact = all.filter(({ text }) => text.startsWith(typed));
  const found = exact.length > 0 ? exact : all.filter(({ text }) => text.startsWith(typed.toLowerCase()));
  return extension === '' ? found : found.map((each) => ({ ...each, text: extension + each.text.slice(1) }));
}
