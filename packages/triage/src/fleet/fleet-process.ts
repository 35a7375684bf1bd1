import { type ChildProcess, fork } from 'node:child_process';
import type { Ranking } from '../suspects/index.ts';
import type { WorkerCommand } from '../work/worker-process.ts';
import type { FleetChange } from './fleet-change.ts';
import { type FleetComputer, HeldFleet } from './held-fleet.ts';

type Request =
  | { readonly id: number; readonly kind: 'apply'; readonly change: FleetChange }
  | { readonly id: number; readonly kind: 'build' }
  | { readonly id: number; readonly kind: 'rank'; readonly bucket: string | null };

type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string };

/** A process that computes suspects: those of many dumps take seconds, in which a server has to answer. */
export class FleetProcess implements FleetComputer {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #next = 1;
  #isGone = false;

  constructor({ script, args, execArgv = [] }: WorkerCommand) {
    this.#child = fork(script, [...args], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
      execArgv: [...execArgv],
    });
    this.#child.on('message', (reply: Reply) => this.#take(reply));
    this.#child.once('exit', () => this.#end());
    this.#child.once('error', () => this.#end());
  }

  async apply(change: FleetChange): Promise<void> {
    await this.#ask({ kind: 'apply', change });
  }

  build(): Promise<number> {
    return this.#ask({ kind: 'build' }) as Promise<number>;
  }

  rank(bucket: string | null): Promise<Ranking> {
    return this.#ask({ kind: 'rank', bucket }) as Promise<Ranking>;
  }

  close(): void {
    if (this.#child.connected) this.#child.disconnect();
    this.#child.kill();
  }

  #ask(
    what:
      | { kind: 'apply'; change: FleetChange }
      | { kind: 'build' }
      | { kind: 'rank'; bucket: string | null },
  ) {
    const id = this.#next++;
    return new Promise<unknown>((resolve, reject) => {
      if (this.#isGone) {
        reject(new Error('the process of the suspects is gone'));
        return;
      }
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, ...what } satisfies Request, () => undefined);
    });
  }

  #take(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('error' in reply) waiting?.reject(new Error(reply.error));
    else waiting?.resolve(reply.value);
  }

  #end(): void {
    this.#isGone = true;
    for (const { reject } of this.#waiting.values()) reject(new Error('the process of the suspects ended'));
    this.#waiting.clear();
  }
}

/** The loop of that process. Ends with its parent. */
export function serveSuspects(): void {
  const fleet = new HeldFleet();
  // Ctrl-C reaches all processes of a terminal; the parent ends this one.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit(0));
  process.on('message', (request: Request) => {
    void answer(fleet, request).then(
      (value) => send({ id: request.id, value }),
      (error: unknown) => send({ id: request.id, error: String(error) }),
    );
  });
}

async function answer(fleet: HeldFleet, request: Request): Promise<unknown> {
  if (request.kind === 'apply') return fleet.apply(request.change);
  return request.kind === 'build' ? fleet.build() : fleet.rank(request.bucket);
}

const send = (reply: Reply): void => {
  if (process.connected) process.send?.(reply);
};
