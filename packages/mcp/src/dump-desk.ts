import type { Session } from '@poolscope/engine';
import { ToolError } from './tool-error.ts';
import { dumpTools } from './tools/index.ts';
import { runInSlices } from './work.ts';

/** A tool over one dump, and its arguments: checked already. */
export interface DumpCall {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Answers the calls over one dump in turn, since commands change what later ones see. */
export class DumpDesk {
  readonly #session: Session;
  /** Ends when the last call that was taken is answered. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(session: Session) {
    this.#session = session;
  }

  /** `check` throws where the answer is not wanted any more. Throws what the tool throws. */
  call({ tool: name, input }: DumpCall, check: () => void): Promise<object> {
    const tool = dumpTools.find((each) => each.name === name);
    if (tool === undefined) throw new ToolError('UNKNOWN_TOOL', `there is no tool ${name} over a dump`);
    const answer = this.#last.then(() => {
      check();
      return runInSlices(tool.work(this.#session, input), check);
    });
    this.#last = answer.catch(() => undefined);
    return answer;
  }
}
