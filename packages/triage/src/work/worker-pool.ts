import type { FileEnd, FileJob, WorkerCommand } from './worker-process.ts';
import { WorkerProcess } from './worker-process.ts';

export interface PoolOptions {
  readonly command: WorkerCommand;
  /** Processes at most. */
  readonly size: number;
  /** Milliseconds for one dump. */
  readonly timeLimit: number;
}

/** Processes that analyze files: one that is lost is replaced when there is more to do. */
export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #idle: WorkerProcess[] = [];
  readonly #all = new Set<WorkerProcess>();

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#options.size;
  }

  /** What the results are made by; the first process tells. */
  async analyzer(): Promise<string> {
    const worker = this.#take();
    try {
      return await worker.ready;
    } finally {
      this.#giveBack(worker);
    }
  }

  /** Runs a file in an idle process, or in a new one: the caller runs no more than `size` at a time. */
  async run(job: FileJob): Promise<FileEnd> {
    const worker = this.#take();
    try {
      await worker.ready;
      return await worker.run(job, this.#options.timeLimit);
    } finally {
      this.#giveBack(worker);
    }
  }

  /** Ends all processes: the idle ones by themselves, the others at once. */
  async close(): Promise<void> {
    const idle = this.#idle.splice(0);
    for (const worker of this.#all) {
      if (!idle.includes(worker)) worker.kill({ code: 'INTERRUPTED', message: 'it was stopped' });
    }
    this.#all.clear();
    await Promise.all(idle.map((worker) => worker.stop()));
  }

  #take(): WorkerProcess {
    for (let worker = this.#idle.pop(); worker !== undefined; worker = this.#idle.pop()) {
      if (!worker.isGone) return worker;
      this.#all.delete(worker);
    }
    const worker = new WorkerProcess(this.#options.command);
    this.#all.add(worker);
    return worker;
  }

  #giveBack(worker: WorkerProcess): void {
    if (worker.isGone) this.#all.delete(worker);
    else if (this.#all.has(worker)) this.#idle.push(worker);
  }
}
