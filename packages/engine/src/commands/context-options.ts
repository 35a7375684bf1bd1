import { type Command, usageError } from './command.ts';

/** Options of `.thread` and `.process` in front of their argument, each letter with what it does here. */
export function takeContextOptions(
  command: Command,
  args: string,
  allowed: string,
  refused: Readonly<Record<string, string>>,
): { readonly letters: string; readonly rest: string } {
  const options = /^(?:\/\w+\s*)*/.exec(args)![0];
  const letters = options.replaceAll(/[/\s]/g, '');
  for (const letter of letters) {
    if (allowed.includes(letter)) continue;
    throw usageError(
      command,
      refused[letter] === undefined ? `there is no option '/${letter}'` : `'/${letter}' ${refused[letter]}`,
    );
  }
  return { letters, rest: args.slice(options.length).trim() };
}
