import { DebuggerError } from '@poolscope/engine/base';
import { CommanderError } from 'commander';
import { bugText } from './bug-text.ts';
import { exitCode } from './exit-code.ts';
import { systemReason } from './io/system-reason.ts';
import { buildProgram } from './program.ts';
import { printable } from './render.ts';
import { UsageError } from './usage-error.ts';

/** A reader that goes away (`| head`) is not an error; an answer that cannot be written is. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? exitCode.answered);
  process.stderr.write(`poolscope: the answer cannot be written: ${systemReason(error)}\n`);
  process.exit(exitCode.bug);
});

try {
  await buildProgram().parseAsync(process.argv);
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.answered : exitCode.usage;
  if (error instanceof DebuggerError || error instanceof UsageError) {
    process.stderr.write(`poolscope: ${printable(error.message)}\n  ${error.remedy}\n`);
    return isWrongUsage(error) ? exitCode.usage : exitCode.unreadable;
  }
  process.stderr.write(bugText(error));
  return exitCode.bug;
}

/** What the lab cannot play was asked for in its options. */
function isWrongUsage(error: DebuggerError | UsageError): boolean {
  return error instanceof UsageError || error.code === 'LAB_OPTIONS';
}
