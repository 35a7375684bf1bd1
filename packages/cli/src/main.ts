import { DebuggerError } from '@poolscope/engine/base';
import { CommanderError } from 'commander';
import { exitCode } from './exit-code.ts';
import { buildProgram } from './program.ts';

/** A reader that goes away (`| head`) is not an error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? exitCode.answered);
  throw error;
});

try {
  await buildProgram().parseAsync(process.argv);
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.answered : exitCode.usage;
  if (error instanceof DebuggerError) {
    process.stderr.write(`poolscope: ${error.message}\n  ${error.remedy}\n`);
    return exitCode.unreadable;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`poolscope: this is a bug in poolscope, please report it:\n${text}\n`);
  return exitCode.bug;
}
