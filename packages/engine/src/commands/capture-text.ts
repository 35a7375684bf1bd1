import { DebuggerError } from '../base/index.ts';
import type { Step } from './command.ts';
import type { Console } from './console.ts';
import { closeLine } from './open-line.ts';
import { lineText } from './output.ts';

/** Most characters that are kept. */
const maxLength = 0x80_0000;

/**
 * What a run of commands prints, in lines that each end with a newline; nothing of it is shown. Errors of single commands
 * and progress stay steps. Throws RANGE_TOO_LARGE when it prints without end.
 */
export function* captureText(console: Console, run: Generator<Step, unknown>): Generator<Step, string> {
  const around = console.openLine;
  console.openLine = undefined;
  let text = '';
  try {
    for (const step of run) {
      if (step.kind === 'lines') for (const line of step.lines) text += `${lineText(line)}\n`;
      yield step.kind === 'lines' ? { kind: 'tick' } : step;
      if (text.length > maxLength)
        throw new DebuggerError('RANGE_TOO_LARGE', `the output has more than ${maxLength} characters`);
    }
    for (const line of closeLine(console)) text += `${lineText(line)}\n`;
    return text;
  } finally {
    console.openLine = around;
  }
}
