import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { StoreError } from './store-error.ts';

interface Owner {
  readonly pid: number;
  readonly host: string;
}

/** Says which process has a database, in a file beside it; the file of a process that is no more counts for nothing. */
export class OwnerLock {
  readonly #path: string;

  /** Errors: StoreError where another process has it. */
  constructor(database: string) {
    this.#path = `${database}.owner`;
    for (let attempt = 0; ; attempt++) {
      if (this.#tryTake()) return;
      const owner = readOwner(this.#path);
      if (attempt >= mostAttempts || (owner !== undefined && isAlive(owner))) {
        throw inUse(database, this.#path, owner);
      }
      rmSync(this.#path, { force: true });
    }
  }

  release(): void {
    const owner = readOwner(this.#path);
    if (owner?.pid === process.pid && owner.host === hostname()) rmSync(this.#path, { force: true });
  }

  #tryTake(): boolean {
    try {
      writeFileSync(this.#path, JSON.stringify({ pid: process.pid, host: hostname() }), { flag: 'wx' });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }
}

/** For those that lock the database itself. Errors: StoreError where another process has it alone. */
export function checkOwner(database: string): void {
  const path = `${database}.owner`;
  const owner = readOwner(path);
  if (owner !== undefined && owner.pid !== process.pid && isAlive(owner)) throw inUse(database, path, owner);
}

function readOwner(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

const mostAttempts = 3;

/** A process of another machine cannot be asked: it counts as alive. */
function isAlive({ pid, host }: Owner): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const inUse = (database: string, path: string, owner: Owner | undefined): StoreError =>
  new StoreError(
    `${database} is in use by ${owner === undefined ? 'another process' : `process ${owner.pid} on ${owner.host}`}`,
    `Wait until it ends, use another file, or PostgreSQL for several programs; if it is gone, remove ${path}.`,
  );
