import { DebuggerError, errorLines, splitCommands } from '@poolscope/engine';
import { readLines } from './read-lines.ts';
import type { Outcome, Runner } from './runner.ts';
import type { Screen } from './screen.ts';

/** How commands are echoed; other programs look for it. */
const echo = 'kd> ';

/** Longest line of a script that comes through a pipe. */
const longestLine = 1 << 16;

/** Runs the commands of each text in turn, each echoed before its output. */
export async function runTexts(runner: Runner, screen: Screen, texts: readonly string[]): Promise<Outcome> {
  for (const text of texts) {
    for (const command of commandsOf(text, screen)) {
      screen.say(echo + command);
      const outcome = await runner.run(command);
      if (outcome !== 'done') return outcome;
    }
  }
  return 'done';
}

function commandsOf(text: string, screen: Screen): readonly string[] {
  try {
    return splitCommands(text);
  } catch (error) {
    if (!(error instanceof DebuggerError)) throw error;
    screen.say(echo + text);
    screen.show(errorLines(error));
    return [];
  }
}

/** Runs the lines of a pipe or file as they come, each echoed before its output. */
export async function runInput(
  runner: Runner,
  screen: Screen,
  input: AsyncIterable<string>,
): Promise<Outcome> {
  for await (const { text, isTooLong } of readLines(input, longestLine)) {
    if (isTooLong) screen.show(tooLong(longestLine));
    if (isTooLong || text.trim() === '') continue;
    screen.say(echo + text);
    const outcome = await runner.run(text);
    if (outcome !== 'done') return outcome;
  }
  return 'done';
}

/** What is said in place of running a line. */
export const tooLong = (longest: number) => [
  [{ text: `a line has at most ${longest} characters; this one is not run`, style: 'bad' as const }],
  ['  A script in a file may be longer: $<FILE'],
];
