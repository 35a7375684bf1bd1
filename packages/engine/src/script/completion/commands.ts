import type { Console } from '../../commands/console.ts';
import { ownCommandsOf } from '../../commands/own-commands.ts';
import { commands } from '../../commands/registry.ts';
import { scriptWords } from '../../commands/tables/script-words.ts';
import type { Candidate } from './candidate.ts';

type Named = { readonly names: readonly string[]; readonly summary: string };

const candidatesOf = (named: readonly Named[]): Candidate[] =>
  named.flatMap(({ names, summary }) => names.map((text): Candidate => ({ text, kind: 'command', summary })));

const builtIn: readonly Candidate[] = candidatesOf([...commands, ...scriptWords]);

/** Commands that begin with a word as typed, else with the word in small letters; `!ext.name` is `!name`. */
export function commandCandidates(console: Console, word: string): readonly Candidate[] {
  const all = [...builtIn, ...candidatesOf(ownCommandsOf(console))];
  const [, extension = '', name] = /^(!\w+\.)?(.*)$/s.exec(word)!;
  const typed = extension === '' ? name! : `!${name}`;
  const exact = all.filter(({ text }) => text.startsWith(typed));
  const found = exact.length > 0 ? exact : all.filter(({ text }) => text.startsWith(typed.toLowerCase()));
  return extension === '' ? found : found.map((each) => ({ ...each, text: extension + each.text.slice(1) }));
}
