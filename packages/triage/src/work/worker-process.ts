import { type ChildProcess, fork } from 'node:child_process';
import { memoryMark } from './guard.ts';
import type { FileProgress, FoundDump, Outcome, Problem, Reply, Request } from './protocol.ts';

/** How worker processes are started. */
export interface WorkerCommand {
  /** The script that calls `serveAnalysis`, and its arguments. */
  readonly script: string;
  readonly args: readonly string[];
  readonly execArgv?: readonly string[];
}

export interface FileJob {
  readonly path: string;
  /** What reports call it. */
  readonly name: string;
  /** Asked for each dump: is it to be analyzed? */
  found(dump: FoundDump): Promise<boolean> | boolean;
  progress?(progress: FileProgress): void;
  /** A dump's result; waited for before the next dump of the file. */
  done(dump: FoundDump, outcome: Outcome): Promise<void> | void;
}

/** How a file ended. `lost`: the process did, over the dump `at`, if it had found one. */
export type FileEnd =
  | { readonly kind: 'end'; readonly problem?: Problem }
  | { readonly kind: 'lost'; readonly problem: Problem; readonly at: FoundDump | undefined };

/** One process that analyzes files, one at a time. */
export class WorkerProcess {
  readonly ready: Promise<string>;
  readonly #child: ChildProcess;
  /** The process has ended, and all that it said is here. */
  readonly #gone: Promise<void>;
  #job: RunningJob | undefined;
  #nextJob = 1;
  #errors = '';
  #stopReason: Problem | undefined;
  #isGone = false;
  /** What came is handled in its order: the end of a file comes when its last result was taken. */
  #taking: Promise<void> = Promise.resolve();

  constructor(command: WorkerCommand) {
    this.#child = fork(command.script, [...command.args], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
      execArgv: [...(command.execArgv ?? [])],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-4096);
    });
    this.#gone = this.#waitForEnd();
    this.ready = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      void this.#gone.then(() => reject(new Error(`the worker process did not start: ${this.#errors}`)));
      this.#child.on('message', (reply: Reply) => {
        if (reply.kind === 'ready') resolve(reply.analyzer);
        else this.#taking = this.#taking.then(() => this.#take(reply));
      });
    });
    this.ready.catch(() => undefined);
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Has a file looked at. After `lost` the process is of no use any more. Errors: those of the job's functions. */
  run(job: FileJob, timeLimit: number): Promise<FileEnd> {
    const id = this.#nextJob++;
    return new Promise((resolve, reject) => {
      this.#job = { id, job, resolve, reject, at: undefined, timer: undefined, timeLimit };
      if (this.#isGone) this.#end(null, null);
      else {
        this.#arm();
        this.#send({ kind: 'open', job: id, path: job.path, name: job.name });
      }
    });
  }

  /** Ends the process, at once. */
  kill(reason?: Problem): void {
    this.#stopReason ??= reason;
    if (!this.#isGone) this.#child.kill('SIGKILL');
  }

  /** Ends it when it is idle: it goes with its channel. */
  async stop(): Promise<void> {
    if (this.#isGone) return;
    if (this.#child.connected) this.#child.disconnect();
    const late = setTimeout(() => this.kill(), 2000);
    await this.#gone;
    clearTimeout(late);
  }

  /** Not by `close`, which does not come where the parent ends the channel. */
  async #waitForEnd(): Promise<void> {
    const child = this.#child;
    const said = new Promise<void>((resolve) => {
      child.stderr?.once('close', resolve);
    });
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      child.once('exit', (...end) => resolve(end));
      child.once('error', () => resolve([null, null]));
    });
    await said;
    await this.#taking;
    this.#end(code, signal);
  }

  async #take(reply: Exclude<Reply, { kind: 'ready' }>): Promise<void> {
    const running = this.#job;
    if (running === undefined || running.id !== reply.job) return;
    if (reply.kind === 'end') {
      this.#finish({ kind: 'end', ...(reply.problem === undefined ? {} : { problem: reply.problem }) });
      return;
    }
    if (reply.kind === 'progress') {
      this.#arm();
      running.job.progress?.(reply.progress);
      return;
    }
    clearTimeout(running.timer);
    try {
      await this.#tell(running, reply);
    } catch (error) {
      // The caller is in trouble, and the process waits for an answer that does not come.
      this.#job = undefined;
      running.reject(error);
      this.kill();
      return;
    }
    if (this.#job === running) this.#arm();
  }

  async #tell(running: RunningJob, reply: Reply & { kind: 'found' | 'done' }): Promise<void> {
    if (reply.kind === 'done') {
      running.at = undefined;
      await running.job.done(reply.dump, reply.outcome);
      return;
    }
    running.at = reply.dump;
    const analyze = await running.job.found(reply.dump);
    if (this.#job === running) this.#send({ kind: 'answer', job: running.id, analyze });
  }

  /** Each step of a file has the whole time limit, and unpacking and hashing have it anew while they go on. */
  #arm(): void {
    const running = this.#job!;
    clearTimeout(running.timer);
    const seconds = Math.round(running.timeLimit / 1000);
    running.timer = setTimeout(
      () => this.kill({ code: 'TIME_LIMIT', message: `it took more than ${seconds} s` }),
      running.timeLimit,
    );
  }

  #send(request: Request): void {
    if (this.#child.connected) this.#child.send(request, () => undefined);
  }

  #finish(end: FileEnd): void {
    const running = this.#job;
    this.#job = undefined;
    clearTimeout(running?.timer);
    running?.resolve(end);
  }

  #end(code: number | null, signal: NodeJS.Signals | null): void {
    this.#isGone = true;
    if (this.#job === undefined) return;
    const problem = this.#stopReason ?? lossOf(this.#errors, code, signal);
    this.#finish({ kind: 'lost', problem, at: this.#job.at });
  }
}

interface RunningJob {
  readonly id: number;
  readonly job: FileJob;
  readonly timeLimit: number;
  readonly resolve: (end: FileEnd) => void;
  readonly reject: (error: unknown) => void;
  /** The dump that is being analyzed. */
  at: FoundDump | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** Why a process ended, by what it said last. */
function lossOf(errors: string, code: number | null, signal: NodeJS.Signals | null): Problem {
  const memory = new RegExp(`${memoryMark} (\\d+)`).exec(errors);
  if (memory !== null) {
    const megabytes = Math.round(Number(memory[1]) / 2 ** 20);
    return { code: 'MEMORY_LIMIT', message: `it took ${megabytes} MB of memory, more than is allowed` };
  }
  if (errors.includes('heap out of memory')) {
    return { code: 'MEMORY_LIMIT', message: 'it took more memory than is allowed' };
  }
  const how = signal === null ? `exit code ${code}` : signal;
  const last = errors.trim().split('\n').at(-1) ?? '';
  return {
    code: 'WORKER_LOST',
    message: `its process ended (${how})${last === '' ? '' : `: ${last.slice(0, 200)}`}`,
  };
}
