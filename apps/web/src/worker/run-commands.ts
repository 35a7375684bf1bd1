import {
  DebuggerError,
  errorLines,
  type Progress,
  repeatOf,
  type Session,
  type Step,
} from '@poolscope/engine';
import type { RunAnswer } from '../protocol/calls.ts';
import { Cancelled, type Job } from './job.ts';

/** Milliseconds; a command that is done before needs no progress. */
const patience = 400;

/** Runs a text of commands step by step: lines go to the page as they come. Never throws for what a command does. */
export async function runCommands(session: Session, text: string, job: Job): Promise<RunAnswer> {
  const outcome = await follow(session, text, job);
  return { outcome, prompt: session.prompt, repeat: repeatOf(text) };
}

async function follow(session: Session, text: string, job: Job): Promise<RunAnswer['outcome']> {
  const run = session.run(text);
  const started = performance.now();
  let progress: Progress | undefined;
  try {
    for (let step = run.next(); step.done !== true; step = run.next()) {
      show(step.value, job);
      if (session.console.leaving) return 'left';
      if (step.value.kind === 'wait') await step.value.until;
      if (step.value.kind !== 'tick')
        progress = step.value.kind === 'progress' ? step.value.progress : undefined;
      if (!job.isDue) continue;
      if (progress !== undefined && performance.now() - started >= patience) job.progress(progress);
      await job.turn();
    }
    return session.console.leaving ? 'left' : 'done';
  } catch (error) {
    if (error instanceof Cancelled) return 'stopped';
    if (!(error instanceof DebuggerError)) throw error;
    job.emit(errorLines(error));
    return 'done';
  } finally {
    run.return([]);
  }
}

function show(step: Step, job: Job): void {
  if (step.kind === 'lines' && step.lines.length > 0) job.emit(step.lines);
  else if (step.kind === 'error') job.emit(errorLines(step.error));
}
