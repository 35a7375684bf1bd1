import { type CommandResult, errorLines, type Line, lineText, type Session } from '@poolscope/engine';
import type { Work } from '../work.ts';

/** What a line of commands printed. */
export interface CommandText {
  readonly text: string;
  readonly isTruncated: boolean;
  /** Did a command give an error instead of an answer? */
  readonly failed: boolean;
  readonly results: readonly CommandResult[];
}

/** Runs a line as typed at the prompt; text beyond `maxChars` is dropped, and the commands end there. */
export function* runText(session: Session, command: string, maxChars: number): Work<CommandText> {
  const lines: string[] = [];
  let [length, failed, isTruncated] = [0, false, false];
  const add = (more: readonly Line[]) => {
    for (const line of more) {
      const text = lineText(line);
      length += text.length + 1;
      lines.push(text);
    }
    isTruncated = length > maxChars;
  };
  const run = session.run(command);
  try {
    for (let step = run.next(); ; step = run.next()) {
      if (step.done === true) return done(step.value);
      if (step.value.kind === 'lines') add(step.value.lines);
      else if (step.value.kind === 'error') {
        failed = true;
        add(errorLines(step.value.error));
      }
      if (isTruncated) return done([]);
      yield step.value.kind === 'wait' ? step.value.until : step.value;
    }
  } finally {
    run.return([]);
  }

  function done(results: readonly CommandResult[]): CommandText {
    const text = lines.join('\n');
    return { text: isTruncated ? text.slice(0, maxChars) : text, isTruncated, failed, results };
  }
}
