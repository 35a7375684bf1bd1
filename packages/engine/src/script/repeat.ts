import { findCommand } from '../commands/execute.ts';
import { splitCommands } from './cut.ts';

/** Displays that go on where they ended when they are given no address. */
export const goesOn = /^(d[abcdfpquw]?|dy[bd]|d[dpq][spau]|uu?|!d[abcdpquw])$/i;

/** What an empty line runs after `line`: the same again, but a display goes on. */
export function repeatOf(line: string): string {
  const commands = splitCommands(line);
  if (commands.length !== 1) return line;
  try {
    const { name } = findCommand(commands[0]!);
    return goesOn.test(name) ? name : line;
  } catch {
    return line;
  }
}
